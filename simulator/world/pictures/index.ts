export { blankPng, drawPicture, PICTURE_WIDTH, picturePng, type Subject } from './picture.ts'
