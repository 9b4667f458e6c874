export { PICTURE_WIDTH, pinPicture } from './picture.ts'
