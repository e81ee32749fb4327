import { readFile } from 'node:fs/promises';

/** `/proc` counts processor time in hundredths of a second on every Linux that Node runs on (proc(5), USER_HZ). */
const MS_PER_TICK = 10;

/** What a process has cost so far, from outside. @throws the file system's error where there is no Linux `/proc` */
export async function processCost(
  pid: number,
): Promise<{ memoryBytes: number; peakMemoryBytes: number; cpuMs: number }> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status)?.[1]);
  // The command's name in brackets may hold blanks; user and system time are the 12th and 13th word after it.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    memoryBytes: kib('VmRSS') * 1024,
    peakMemoryBytes: kib('VmHWM') * 1024,
    cpuMs: (Number(words[11]) + Number(words[12])) * MS_PER_TICK,
  };
}
