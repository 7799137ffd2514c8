/** Files and folders that were dropped on the window, or chosen in the browser's dialog, with their paths. */

export interface ChosenFile {
  /** With slashes, where it lay in a folder. */
  readonly name: string;
  readonly file: File;
}

/** Every file of a drop, folders to any depth. Entries have to be taken before the event is over: call it at once. */
export function filesOfDrop(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return entries.length > 0
    ? Promise.all(entries.map(filesOfEntry)).then((found) => found.flat())
    : Promise.resolve(filesOfList(transfer.files));
}

export function filesOfList(list: Iterable<File>): ChosenFile[] {
  return [...list].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

async function filesOfEntry(entry: FileSystemEntry): Promise<ChosenFile[]> {
  const name = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ name, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: ChosenFile[] = [];
  // A reader gives a folder in parts, and an empty part at its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return found;
    for (const child of part) found.push(...(await filesOfEntry(child)));
  }
}
