import type { AppFailure } from '../model/failure.ts'
import { Button } from './kit/Button.tsx'
import './NoStore.css'

/** Shown in place of the app where the browser's database cannot be opened. */
export function NoStore({ failure }: { failure: AppFailure }) {
  return (
    <main class="no-store">
      <h1>Fairlead cannot start</h1>
      <p>{`${failure.message}. ${failure.remedy}`}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        Reload
      </Button>
    </main>
  )
}
