/** The clients of all people of the meeting, in a process of their own. */
import { signIn } from 'stack-driver';
import { Viewer } from './viewer.ts';
import type { ConnectTask, CountTask, ViewerCount, ViewerTask } from './viewer-messages.ts';

const CONNECTING_AT_ONCE = 8;

const viewers: Viewer[] = [];

process.once('disconnect', () => process.exit());
process.on('message', async (task: ViewerTask) => {
  if (task.task === 'count') process.send?.(count(task));
  else process.send?.(await connectAll(task));
});

async function connectAll({ gatewayUrl, people, range }: ConnectTask): Promise<number> {
  const left = [...people];
  const connectSome = async () => {
    for (let person = left.pop(); person !== undefined; person = left.pop()) {
      viewers.push(await Viewer.connect(gatewayUrl, await signIn(gatewayUrl, person), range));
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
  return viewers.length;
}

function count({ sight }: CountTask): ViewerCount {
  const sum = (value: (viewer: Viewer) => number) => viewers.reduce((total, viewer) => total + value(viewer), 0);
  return {
    seeing: viewers.filter((viewer) => viewer.sees(sight)).length,
    closed: viewers.filter(({ isClosed }) => isClosed).length,
    resyncs: sum(({ resyncs }) => resyncs),
    frames: sum(({ frames }) => frames),
    bytes: sum(({ bytes }) => bytes),
  };
}
