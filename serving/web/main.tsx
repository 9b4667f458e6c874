import { render } from 'preact'
import { App } from './app.tsx'
import './styles/base.css'
import './styles/bar.css'
import './styles/feed.css'
import './styles/drawer.css'

const root = document.getElementById('app')
if (root) render(<App />, root)
