// What a script adds: the pages are whole without it.
import "./sheets.js";
import "./filters.js";
import "./columns.js";
import "./views.js";
import "./exports.js";
import "./later.js";
import "./timeline.js";

document.documentElement.classList.add("scripted");
