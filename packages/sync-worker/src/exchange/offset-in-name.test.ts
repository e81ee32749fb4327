import { describe, expect, it } from 'vitest';
import { offsetInName } from './offset-in-name.ts';

describe('offsetInName', () => {
  it.each([
    ['(UTC+03:00) Москва, Санкт-Петербург', 180],
    ['(UTC-03:00) Brasilia', -180],
    ['(UTC-03:00) Brasília', -180],
    ['(GMT+03:00) Bagdad', 180],
    ['(GMT -04:30) Caracas', -270],
    ['(UTC+05:45) Катманду', 345],
    ['(UTC+08:00) 北京，重庆，香港特别行政区，乌鲁木齐', 480],
    ['（UTC＋09：00）大阪、札幌、東京', 540],
    ['\u200f(UTC+03:00) الكويت، الرياض', 180],
    ['(UTC\u221203:30) Terre-Neuve', -210],
    ['(UTC+01.00) Roma', 60],
    ['GMT+0300', 180],
    ['GMT+03:00', 180],
    ['UTC+3', 180],
    ['utc-11', -660],
    ['UTC +05:30', 330],
    ['Moscow (GMT+3)', 180],
    ['+03:00', 180],
    ['-0930', -570],
    ['(UTC) Дублин, Эдинбург, Лиссабон, Лондон', 0],
    ['(GMT) Hora del meridiano de Greenwich', 0],
    ['(UTC-00:00) Ort', 0],
  ])('%s tells %d minutes', (name, minutes) => {
    expect(offsetInName(name)).toBe(minutes);
  });

  it.each([
    '',
    'Mitteleuropäische Zeit',
    'tzone://Microsoft/Custom',
    'Customized Time Zone',
    'UTC+99',
    'UTC+03:75',
    'Room 3+1',
    'Meine Zeit 12:30',
  ])('%j tells none', (name) => {
    expect(offsetInName(name)).toBeNull();
  });
});
