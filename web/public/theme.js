// Runs before the first paint, so that a chosen theme never flashes its opposite.
(function () {
  try {
    var chosen = localStorage.getItem("russet.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    // Storage may be closed to us; the system's preference holds then.
  }
})();
