/**
 * The words of the world: 16 families of 12 topics, each topic with four things one could pin.
 * A family's first line gives its name, adjectives and endings; titles are made from the three.
 * Written as a table, because it is read and corrected as one.
 */
import { assert } from '../../base/index.ts'

const table = `
Interiors
  adjectives: calm, sunlit, compact, layered, warm minimal, vintage
  endings: in sage, for a small flat, at dawn, before and after, on a budget, in one weekend
  living rooms: linen sofa, reading corner, gallery wall, low coffee table
  bedrooms: canopy bed, linen bedding, bedside shelf, attic bedroom
  kitchens: open shelving, farmhouse sink, galley kitchen, tiled splashback
  bathrooms: walk-in shower, terrazzo floor, clawfoot bath, wall-hung basin
  home offices: standing desk, desk nook, pegboard wall, cork wall
  lighting: paper lantern, rattan pendant, brass sconce, arc floor lamp
  wallpaper: botanical wallpaper, half-painted wall, limewash finish, striped hallway
  shelving: floating shelf, alcove bookcase, ladder shelf, picture ledge
  rugs: wool rug, jute runner, kilim rug, tufted rug
  entryways: hallway bench, coat rail, console table, tiled entry
  loft conversions: roof window, mezzanine bed, exposed beam, loft stair
  scandinavian design: birch chair, teak sideboard, wishbone chair, sheepskin throw
Cooking
  adjectives: slow-roasted, ten-minute, weeknight, smoky, crisp, one-pan
  endings: with lemon and herbs, for four, with butter, freezes well, on toast, in one pot
  soups: lentil soup, miso broth, roasted tomato soup, ribollita
  pasta: hand-cut tagliatelle, cacio e pepe, baked rigatoni, ravioli
  salads: fennel salad, warm grain salad, nicoise salad, shaved cabbage slaw
  curries: chickpea curry, green curry, dal, coconut fish curry
  grilling: charred leeks, lamb skewers, grilled peaches, smash burger
  tacos: fish taco, carnitas, pickled onion, charred salsa
  ramen: shoyu ramen, soy-marinated egg, tonkotsu broth, spicy miso ramen
  breakfasts: shakshuka, buckwheat pancakes, granola, soft scrambled eggs
  vegetarian mains: stuffed aubergine, mushroom pie, cauliflower steak, squash gratin
  fermentation: kimchi, sauerkraut, water kefir, hot sauce
  picnic food: pan bagnat, potato salad, hand pies, lemon barley water
  cocktails: negroni, elderflower spritz, espresso martini, smoky paloma
Baking
  adjectives: golden, sticky, braided, brown-butter, airy, rustic
  endings: with sea salt, step by step, for beginners, with rye flour, for a crowd, the slow way
  sourdough: country loaf, rye starter, seeded batard, focaccia
  layer cakes: carrot cake, victoria sponge, chocolate layer cake, citrus cake
  cookies: chocolate chip cookies, almond biscotti, ginger snaps, shortbread
  pies and tarts: plum galette, lemon tart, apple pie, custard tart
  croissants: butter croissant, pain au chocolat, cinnamon kouign-amann, almond croissant
  buns: cardamom buns, cinnamon rolls, hot cross buns, steamed buns
  macarons: pistachio macarons, raspberry macarons, salted caramel macarons, rose macarons
  doughnuts: raised doughnuts, cider doughnuts, churros, beignets
  chocolate work: tempered truffles, cocoa nib bark, bonbons, ganache slice
  cake decorating: buttercream flowers, naked cake, piped border, pressed flower cake
  gluten-free baking: almond cake, polenta cake, buckwheat brownies, flourless torte
  pizza: neapolitan pizza, roman slab, pizza bianca, cast-iron pizza
Gardening
  adjectives: shady, drought-proof, wild, edible, potted, evergreen
  endings: for a balcony, from cuttings, that bees love, month by month, in clay, through winter
  vegetable beds: raised bed, tomato trellis, no-dig bed, squash arch
  herb gardens: herb spiral, windowsill basil, thyme path, rosemary hedge
  houseplants: monstera, string of pearls, rubber plant, trailing pothos
  succulents: echeveria bowl, aloe cluster, lithops tray, jade bonsai
  wildflower meadows: poppy meadow, cornflower strip, seed mix, mown path
  roses: climbing rose, shrub rose, rose arch, bare-root rose
  cottage gardens: delphinium border, picket gate, hollyhock wall, gravel path
  japanese gardens: moss garden, stone lantern, raked gravel, maple corner
  ponds: wildlife pond, water lily, pond edge, rain garden
  greenhouses: lean-to greenhouse, cold frame, potting bench, seed shelf
  bonsai: juniper bonsai, root-over-rock, azalea bonsai, forest planting
  composting: hot compost bay, worm bin, leaf mould cage, bokashi bucket
Handcrafts
  adjectives: hand-glazed, chunky, natural-dyed, tiny, woven, first-time
  endings: in sage, free pattern, for beginners, made from scraps, as a gift, with simple tools
  ceramics: stoneware bowl, pinch pot, teapot, ribbed planter
  knitting: cable jumper, ribbed beanie, colourwork mittens, garter scarf
  crochet: granny square blanket, market bag, lace shawl, amigurumi fox
  embroidery: floral hoop, sashiko patch, monogram napkin, thread landscape
  weaving: wall hanging, rigid heddle scarf, rag rug, tapestry sampler
  quilting: log cabin quilt, patchwork cushion, star quilt, improv quilt
  woodworking: dovetail box, step stool, turned bowl, oak tray
  leatherwork: card wallet, tote bag, saddle-stitched strap, key fob
  candle making: beeswax taper, soy candle, twisted candle, dipped candles
  bookbinding: coptic notebook, linen cover, marbled endpaper, pocket journal
  printmaking: lino print, risograph poster, block-printed tea towel, monotype
  jewellery making: hammered ring, beaded earrings, resin pendant, silver cuff
Fashion
  adjectives: tailored, oversized, pleated, second-hand, everyday, monochrome
  endings: for autumn, with white trainers, three ways, from one pattern, for travel, in ecru
  capsule wardrobes: white shirt, camel coat, straight jeans, merino jumper
  street style: bomber jacket, wide-leg trousers, bucket hat, layered hoodie
  vintage dresses: tea dress, slip dress, sixties shift, prairie dress
  tailoring: double-breasted blazer, pleated trousers, waistcoat, overcoat
  denim: selvedge jeans, denim jacket, patched jeans, chambray shirt
  shoes: penny loafers, desert boots, strappy sandals, canvas trainers
  bags: crossbody bag, bucket bag, woven basket bag, rucksack
  sewing patterns: wrap skirt, boxy top, wide culottes, jumpsuit
  knitwear: fisherman jumper, cropped cardigan, turtleneck, knitted vest
  hairstyles: french bob, braided crown, curtain fringe, low bun
  nail art: half-moon nails, chrome nails, tortoiseshell nails, tiny flowers
  eyewear: acetate frames, round sunglasses, cat-eye frames, clear frames
Art
  adjectives: loose, geometric, muted, bold, layered, quick
  endings: in gouache, from life, in two colours, on toned paper, with notes, at poster size
  watercolour: harbour sketch, botanical study, misty hills, loose portrait
  oil painting: still life with pears, alla prima portrait, studio window, seascape
  illustration: children's book spread, city map, folk animals, editorial spot
  typography: serif specimen, hand-lettered poster, variable font, book cover
  posters: jazz poster, travel poster, exhibition poster, film poster
  sculpture: plaster relief, wire figure, mobile, carved head
  collage: paper collage, magazine portrait, cut shapes, torn-edge landscape
  sketchbooks: urban sketch, ink hatching, travel journal, gesture page
  street art: stencil mural, paste-up, mosaic tile, painted stairs
  abstract art: colour field, grid study, arc composition, monochrome relief
  ink drawing: sumi-e bamboo, stippled moth, crosshatched street, brush portrait
  pixel art: isometric room, dithered sunset, sprite sheet, tiny castle
Photography
  adjectives: grainy, golden-hour, foggy, long-exposure, quiet, high-contrast
  endings: on film, with one lens, at blue hour, from above, with settings, after rain
  landscapes: sea stack, fog valley, dune ridge, lone tree
  portraits: window portrait, profile in shadow, double exposure, hands
  street photography: crossing shadows, umbrella crowd, market stall, train window
  film cameras: rangefinder, folding camera, twin-lens reflex, contact sheet
  macro: dew drop, beetle wing, frost crystal, petal vein
  night skies: milky way arch, star trails, moonrise, aurora
  architecture photos: spiral stair, brutalist facade, glass atrium, concrete shadow
  seascapes: long pier, breaking wave, tidal pool, lighthouse
  wildlife photos: fox in snow, kingfisher dive, deer at dawn, heron
  still life: pears and linen, glass study, dried flowers, breakfast table
  aerial views: river delta, salt pans, container port, terraced fields
  darkroom: silver print, cyanotype, pinhole view, photogram
Outdoors
  adjectives: multi-day, steep, snowy, solo, lightweight, coastal
  endings: in three days, with a map, packing list, for families, off season, with profile
  trail running: ridge run, hydration vest, hill repeats, forest loop
  hiking: hut-to-hut trek, waterfall loop, summit path, canyon hike
  camping: tarp shelter, camp kitchen, hammock setup, fire ring
  climbing: crack climb, bouldering problem, belay station, alpine ridge
  kayaking: sea kayak, river put-in, island crossing, dry bag
  cycling: gravel ride, mountain pass, bikepacking rig, steel frame
  ski touring: skin track, powder bowl, hut approach, spring corn
  surfing: longboard, point break, dawn session, board shaping
  wild swimming: tarn swim, river pool, cold dip, sea arch swim
  fishing: dry fly, river bend, carbon rod, trout stream
  birdwatching: hide at dawn, wader flock, owl box, field guide
  van life: fold-out bed, pop-top roof, tiny galley, sliding-door view
Travel
  adjectives: slow, hidden, off-season, walkable, rainy-day, early-morning
  endings: in 48 hours, by train, on foot, with a map, beyond the guidebook, for first-timers
  japan: kyoto lane, onsen town, night market, snow temple
  italy: hill town, amalfi stair, piazza at dusk, dolomite hut
  portugal: tiled facade, tram line, cliff beach, port cellar
  iceland: black sand beach, geyser field, turf house, glacier lagoon
  morocco: medina door, desert camp, riad courtyard, spice stall
  mexico: agave field, colour-washed street, cenote, market kitchen
  scotland: highland road, whisky bay, ruined castle, island ferry
  greece: blue dome, fishing harbour, olive terrace, island stairs
  new zealand: fjord cruise, lupin lake, volcano crossing, coastal track
  vietnam: lantern street, rice terrace, coffee stall, river karst
  city breaks: rooftop view, old town walk, museum day, canal bridge
  rail journeys: sleeper cabin, viaduct crossing, station hall, window seat
Architecture
  adjectives: low-energy, timber, brutalist, restored, tiny, courtyard
  endings: with floor plan, in section, on a steep site, in larch, by the lake, under 60 m²
  cabins: a-frame cabin, lake cabin, forest studio, sauna hut
  tiny houses: wheeled house, loft ladder, fold-down table, micro kitchen
  modernism: glass pavilion, pilotis house, ribbon window, flat-roof villa
  brutalism: concrete tower, board-marked wall, stepped terrace, waffle slab
  japanese houses: engawa, shoji screen, tatami room, inner garden
  renovations: barn conversion, opened-up terrace, restored cornice, new old brick
  passive houses: straw-bale wall, triple glazing, heat-pump house, solar roof
  libraries: spiral reading room, book wall, skylit stacks, study carrel
  bridges: arched footbridge, cable-stayed span, covered bridge, stone packhorse bridge
  staircases: cantilever stair, helical stair, timber ladder stair, folded steel stair
  facades: brick screen, zinc cladding, shingle wall, green facade
  urban design: pocket park, cycle street, superblock, market square
Science
  adjectives: surprising, printable, annotated, classroom, tiny, cross-section
  endings: in one picture, with sources, at home, to scale, for curious kids, in plain words
  astronomy: saturn rings, nebula map, phases of the moon, comet path
  geology: thin section, basalt columns, fold belt, agate slice
  botany: leaf venation, seed dispersal, moss life cycle, pressed fern
  oceanography: deep-sea vent, coral polyp, current map, plankton bloom
  chemistry: periodic table, flame test, crystal garden, indicator dye
  mathematics: penrose tiling, hypocycloid, knot table, fractal fern
  anatomy: hand bones, inner ear, muscle chart, heart valves
  palaeontology: ammonite, trilobite, feathered dinosaur, fossil dig
  meteorology: cloud atlas, storm cell, isobar map, snowflake forms
  microscopy: diatom arrangement, pollen grain, onion skin, tardigrade
  physics experiments: pendulum wave, cloud chamber, standing wave, prism table
  maps: relief map, star chart, migration map, transit diagram
Technology
  adjectives: open-source, handheld, quiet, repairable, retro, pocket-sized
  endings: with schematic, from spare parts, parts list, with print files, build log, on one board
  keyboards: split keyboard, walnut case, brass plate, keycap set
  electronics: synth module, nixie clock, solder station, weather sensor
  3d printing: planter print, hinge design, lithophane, cable clip
  robotics: line follower, robot arm, hexapod, balancing robot
  desk setups: monitor shelf, cable tray, warm desk lamp, walnut desk
  home automation: wall tablet, blind motor, leak sensor, button panel
  retro computing: beige tower, cartridge shelf, crt terminal, tape loader
  data visualisation: ridgeline plot, small multiples, sankey diagram, dot map
  web design: type-led homepage, portfolio grid, dark dashboard, scroll story
  app interfaces: onboarding flow, music player, weather card, empty state
  drones: cinewhoop, long-range wing, flight case, landing pad
  hi-fi: valve amplifier, turntable, bookshelf speaker, horn cabinet
Music
  adjectives: live, dusty, looping, late-night, acoustic, unreleased
  endings: with chords, full session, on vinyl, in one take, with sleeve notes, for rainy days
  vinyl records: jazz reissue, gatefold sleeve, seven-inch box, record shelf
  guitars: parlour guitar, offset guitar, pedal board, open tuning
  piano: upright piano, nocturne study, left-hand pattern, felt piano
  synthesizers: modular rack, polysynth, drum machine, patch notes
  jazz: quartet session, walking bass line, brushed drums, modal study
  classical: string quartet, cello suite, conductor score, baroque trio
  folk music: fiddle tune, harmonium drone, mandolin set, field recording
  electronic music: ambient set, club poster, live looping, acid line
  festivals: main stage, wristband pile, camp gate, sunrise set
  singing: vocal warm-up, choir arrangement, harmony stack, breathing drill
  percussion: cajon groove, taiko set, hand pan, brush study
  album covers: minimal cover, painted cover, type-only cover, photo cover
Family
  adjectives: printable, screen-free, rainy-day, no-mess, bedtime, cardboard
  endings: for toddlers, in ten minutes, with template, for a party, from recycling, for summer
  nurseries: cot corner, cloud mobile, reading nest, animal frieze
  wooden toys: rainbow stacker, marble run, pull-along dog, toy kitchen
  kids' crafts: paper crown, salt-dough stars, egg-carton whale, leaf prints
  birthday parties: balloon arch, treasure hunt, party hats, number cake
  picture books: bear story, night book, seek-and-find page, rhyming book
  school lunches: bento box, rainbow wraps, fruit skewers, thermos pasta
  play spaces: climbing wall, indoor swing, play loft, mud kitchen
  baby knits: bonnet, tiny cardigan, booties, cable blanket
  science at home: volcano tray, bean in a jar, kitchen prism, paper bridge
  halloween: carved pumpkin, ghost garland, bat costume, lantern walk
  christmas: paper stars, wreath base, advent boxes, orange garland
  weddings: table garland, paper suite, wildflower bouquet, long-table dinner
Animals
  adjectives: sleepy, rescued, curious, tiny, hand-raised, shaggy
  endings: in the morning light, care guide, at the window, step by step, seen in winter, up close
  cats: tabby portrait, window perch, cat shelf, sleeping kitten
  dogs: sighthound, puppy training, terrier mix, snow dog
  horses: icelandic horse, stable yard, bareback ride, foal
  garden birds: robin, wren box, goldfinch feeder, blue tit
  aquariums: planted tank, betta bowl, driftwood scape, shrimp tank
  bees: skep, honey frame, bumblebee, bee hotel
  chickens: coop plan, silkie hen, egg basket, moulting hen
  rabbits: lop rabbit, run design, hay rack, bonding pair
  reptiles: crested gecko, vivarium, tortoise table, corn snake
  wild animals: red panda, otter raft, arctic fox, pangolin
  whales: breaching humpback, whale chart, orca pod, sperm whale
  butterflies: swallowtail, moth trap, chrysalis, peacock butterfly
`

/** A theme that its topics share: the upper of the two levels. */
export type Family = {
  readonly name: string
  readonly adjectives: readonly string[]
  readonly endings: readonly string[]
}
/** What a person is interested in: the lower of the two levels. */
export type Topic = {
  readonly name: string
  readonly family: number
  readonly things: readonly string[]
}

export const TOPICS_PER_FAMILY = 12

type Row = readonly [name: string, words: readonly string[]]
/** Every family is a heading and fourteen rows: adjectives, endings, topics. */
const blocks = table
  .trim()
  .split(/\n(?! )/)
  .map((block) => {
    const [heading, ...rows] = block.split('\n')
    const parsed = rows.map((row): Row => {
      const [name, words] = row.trim().split(': ')
      return [name!, words!.split(', ')]
    })
    return { heading: heading!, rows: parsed }
  })

export const families: readonly Family[] = blocks.map(({ heading, rows }) => ({
  name: heading,
  adjectives: rows[0]![1],
  endings: rows[1]![1],
}))

export const topics: readonly Topic[] = blocks.flatMap(({ rows }, family) =>
  rows.slice(2).map(([name, things]) => ({ name, family, things })),
)

/** Languages of pins and users with their shares. */
export const languages: readonly { readonly code: string; readonly share: number }[] = [
  { code: 'en', share: 0.66 },
  { code: 'es', share: 0.12 },
  { code: 'de', share: 0.08 },
  { code: 'fr', share: 0.07 },
  { code: 'pt', share: 0.04 },
  { code: 'ja', share: 0.03 },
]

assert(topics.length === families.length * TOPICS_PER_FAMILY, 'every family has twelve topics')
assert(
  topics.every((topic) => topic.things.length === 4) &&
    families.every((family) => family.adjectives.length === 6 && family.endings.length === 6),
  'every row of the vocabulary is complete',
)
