export { folderStore } from "./stores/folder.js";
