/** The few signs that the page uses, drawn with the text's colour. */
type Props = { readonly name: keyof typeof paths }

const paths = {
  hide:
    'M3 3l18 18M10.6 6.1A10 10 0 0 1 12 6c6 0 9.5 6 9.5 6a16 16 0 0 1-3 3.6' +
    'M6.6 7.7A16 16 0 0 0 2.5 12s3.5 6 9.5 6a9.7 9.7 0 0 0 4.3-1M9.9 9.9a3 3 0 0 0 4.2 4.2',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M7 10l5 5 5-5',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5L20 20',
}

export function Icon({ name }: Props) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

/** The pinwheel itself. */
export function Logo() {
  return <img class="logo" src="/pinwheel.svg" alt="" width={30} height={30} />
}
