(async () => {
  const bytes = Uint8Array.from(atob(document.getElementById("plotly").textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const library = document.createElement("script");
  library.textContent = await new Response(stream).text();
  document.head.append(library);
  const charts = JSON.parse(document.getElementById("charts").textContent);
  for (const [id, chart] of Object.entries(charts)) {
    await Plotly.newPlot(id, chart.data, chart.layout, chart.config);
  }
  document.body.dataset.ready = "yes";
})();
