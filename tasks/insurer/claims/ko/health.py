"""Health: a sum on a diagnosis of cancer, a benefit for each day in hospital, outpatient bills."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

LINE = Line(
    key="health",
    name="건강보험",
    years=3,
    born=(82, 97),
    perils=(
        Peril(
            "cancer", "암 진단비", "", ("", ""),
            ("진단서", "조직검사 결과지", "신분증 사본"),
            (
                Scene("{when} 대학병원에서 위암 확진을 받<았습니다|았어요|음>."),
                Scene("{when} 대장 내시경에서 떼어 낸 조직이 대장암으로 확진<됐습니다|됐어요|됨>."),
                Scene("{when} 유방암 진단이 확정<됐습니다|됐어요|됨>. 다음 달부터 항암 치료를 시작할 예정<입니다|이에요|임>."),
                Scene("{when} 목에 만져지던 혹이 갑상선암으로 확진<됐습니다|됐어요|됨>.", "thyroid"),
                Scene("{when} 목 앞쪽 나비 모양 샘에 생긴 악성 종양이라는 확진을 받<았습니다|았어요|음>.", "thyroid"),
                Scene("{when} 폐암 확진을 받<았습니다|았어요|음>. 같은 병으로 처음 진단서를 받은 것은 이 보험에 들기 한 해 전<이었습니다|이었어요|이었음>.", "prior"),
            ),
            limits=(3_000_000, 5_000_000, 7_000_000, 10_000_000), waits=(60, 90), basis="fixed",
        ),
        Peril(
            "inpatient", "입원 일당", "", ("", ""),
            ("입퇴원 확인서", "진단서", "진료비 영수증"),
            (
                Scene("{when}부터 폐렴으로 {days}일 동안 입원<했습니다|했어요|함>."),
                Scene("{when} 계단에서 넘어져 고관절이 부러졌고, 그날부터 {days}일 동안 입원<했습니다|했어요|함>."),
                Scene("{when} 맹장 수술을 받고 그날부터 {days}일 동안 입원<했습니다|했어요|함>."),
                Scene("{when}부터 특별히 아픈 데는 없지만 몸 전체를 정밀하게 검사받으려고 {days}일 동안 입원<했습니다|했어요|함>.", "checkup"),
                Scene("{when} 제왕절개로 둘째를 낳고 그날부터 {days}일 동안 입원<했습니다|했어요|함>.", "birth"),
                Scene("{when}부터 {days}일 동안 입원<했습니다|했어요|함>. 출산 예정일을 두 달 앞두고 조기 진통이 와서 들어간 것<입니다|이에요|임>.", "birth"),
            ),
            limits=(30_000, 50_000, 70_000), waits=(30, 60), minimums=(1, 2, 3),
            longest=(10, 15, 20), basis="days",
        ),
        Peril(
            "outpatient", "통원 의료비", "의료비", ("진료비", "약값"),
            ("진료비 영수증", "진료 확인서", "처방전"),
            (
                Scene("{when} 계단에서 넘어져 손목을 다쳐 정형외과에서 통원 치료를 받<았습니다|았어요|음>."),
                Scene("{when} 급성 장염으로 동네 내과에서 진료와 검사를 받<았습니다|았어요|음>."),
                Scene("{when} 허리를 삐끗해 병원에서 물리치료와 주사를 <받았습니다|받았어요|받음>."),
                Scene("{when} 결혼식을 앞두고 피부과에서 기미를 없애는 레이저를 받<았습니다|았어요|음>.", "cosmetic"),
                Scene("{when} 눈매를 또렷하게 하고 싶어 성형외과에서 쌍꺼풀을 만들<었습니다|었어요|었음>.", "cosmetic"),
                Scene("{when} 빠진 어금니 자리에 임플란트를 심<었습니다|었어요|음>.", "dental"),
                Scene("{when} 앞니에 도재로 된 새 이를 씌<웠습니다|웠어요|움>.", "dental"),
            ),
            limits=(200_000, 300_000, 500_000),
            deductibles=(20_000, 30_000, 50_000), rates=(70, 80, 90), waits=(0, 30),
        ),
    ),
    exclusions=(
        Exclusion("thyroid", "갑상선암"),
        Exclusion("prior", "가입 전에 진단받은 병", always=True),
        Exclusion("checkup", "건강검진을 위한 입원"),
        Exclusion("birth", "임신·출산"),
        Exclusion("cosmetic", "미용을 위한 치료"),
        Exclusion("dental", "치과 보철"),
    ),
)  # fmt: skip
