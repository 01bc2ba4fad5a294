// What a script adds: the pages are whole without it.
import "./sheets.js";
import "./filters.js";

document.documentElement.classList.add("scripted");
