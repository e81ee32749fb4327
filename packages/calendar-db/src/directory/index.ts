export {
  ALL_ROOMS,
  answerDirectory,
  askDirectory,
  askForMailboxes,
  type DirectoryAnswer,
  type DirectoryFigures,
  type DirectoryTerms,
  deferDirectoryQuestions,
  forgetDirectory,
  nameWaitingCopies,
  readDirectoryAskers,
  readDirectoryFigures,
  readRooms,
  takeDirectoryQuestions,
} from './directory.ts';
export { hasMailbox, readAliases } from './mailbox-owners.ts';
export { canonicalAddresses } from './people.ts';
