// Draws the product pictures when their source is here; the build goes on without them, since they are only pictures.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const drawing = fileURLToPath(new URL("../pictures/render.mjs", import.meta.url));

if (existsSync(drawing)) {
  execFileSync(process.execPath, [drawing], { stdio: "inherit" });
} else {
  console.log("pictures: no drawings here, skipped");
}
