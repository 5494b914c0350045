//! Looks at a page for what keeps people out.

use std::{env, fs};

use serde::Deserialize;
use serde_json::json;

use crate::{Browser, Failure, Outcome};

/// How a person has the page shown.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// `light` or `dark`.
    pub scheme: &'static str,
    /// Whether the system forces a few colours on everything.
    pub forced: bool,
}

#[derive(Deserialize)]
struct Barrier {
    id: String,
    help: String,
    nodes: Vec<String>,
}

/// What axe-core finds, a line for each rule that is broken.
const RUN: &str =
    "axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
    .then(({ violations }) => violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary}`),
    })))";

/// What can be pressed or filled in, and is shown.
const CONTROLS: &str = "
    const shown = (of) => of.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && of.getClientRects().length > 0 && !of.closest('.unseen, [inert]') && !of.matches('.skip:not(:focus)');
    const top = [...document.querySelectorAll('dialog[open]')].filter((dialog) => dialog.matches(':modal')).pop();
    const controls = [...(top ?? document).querySelectorAll('button, select, input, textarea, a.button, summary')]
        .filter(shown);
    const called = (of) => `${of.localName} ${of.getAttribute('aria-label') || of.labels?.[0]?.textContent
        || of.textContent}`.replace(/\\s+/g, ' ').trim();
";

impl Browser {
    /// Shows the page that way from now on, without motion.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn look_by(&self, sight: Sight) -> Outcome {
        let Sight {
            width,
            height,
            scheme,
            forced,
        } = sight;
        let mobile = width < 600;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
            { "name": "forced-colors", "value": if forced { "active" } else { "none" } },
        ] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        let settled = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))
            .then(() => Promise.allSettled(document.getAnimations()
                .filter((animation) => animation.effect?.getComputedTiming().endTime < 5000)
                .map((animation) => animation.finished)))
            .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1)))))";
        self.eval::<u32>(settled).await.map(drop)
    }

    /// What axe-core finds on the page.
    ///
    /// # Errors
    /// When there is no axe-core, or it fails.
    pub async fn barriers(&self) -> Outcome<Vec<String>> {
        if !self.eval::<bool>("typeof axe === 'object'").await? {
            let path = env::var("MAJU_AXE").map_err(|_| {
                Failure::new(
                    "MAJU_AXE does not name axe-core's axe.min.js; `cargo xtask setup --tests` brings it",
                )
            })?;
            let script = fs::read_to_string(&path)?;
            self.eval::<bool>(&format!("{script}\n;true")).await?;
        }
        let barriers: Vec<Barrier> = self.eval(RUN).await?;
        Ok(barriers
            .into_iter()
            .map(|Barrier { id, help, nodes }| format!("{id}: {help}\n      {}", nodes.join("\n      ")))
            .collect())
    }

    /// Which controls are smaller than 44 by 44 pixels, with how big they are. The label of a box to tick is a part of it.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn small_targets(&self) -> Outcome<Vec<String>> {
        self.eval(&format!(
            "(() => {{ {CONTROLS}
                const big = (of) => {{
                    const {{ width, height }} = of.getBoundingClientRect();
                    return width > 43.5 && height > 43.5;
                }};
                return controls.filter((of) => ![of, ...(of.labels ?? [])].some(big)).map((of) => {{
                    const {{ width, height }} = of.getBoundingClientRect();
                    return `${{called(of)}} is ${{width.toFixed(1)}} by ${{height.toFixed(1)}}`;
                }});
            }})()"
        ))
        .await
    }

    /// Whether the page scrolls sideways, and which controls cannot be brought into view or are covered there: by something else than
    /// a panel, a notice or a menu, which lie over the tiles until they are closed.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn lost(&self) -> Outcome<Vec<String>> {
        self.eval(&format!(
            "(() => {{ {CONTROLS}
                const lost = [];
                const {{ scrollWidth }} = document.scrollingElement;
                if (scrollWidth > innerWidth) lost.push(`the page is ${{scrollWidth}} wide`);
                for (const of of controls) {{
                    of.scrollIntoView({{ block: 'center', inline: 'nearest', behavior: 'instant' }});
                    const {{ left, right, top, bottom }} = of.getBoundingClientRect();
                    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                    const hit = at && (of.contains(at) || at.contains(of) && at.closest('label, button')
                        || !of.closest('.panel, .notices') && at.closest('.panel, .notices, [popover]')
                        || of.closest('.notices') && at.closest('.panel')
                        || [...(of.labels ?? [])].some((label) => label.contains(at)));
                    if (left < -0.5 || right > innerWidth + 0.5) lost.push(`${{called(of)}} is from ${{left}} to ${{right}}`);
                    else if (!hit) {{
                        const over = at && `${{at.localName}}.${{at.getAttribute('class') ?? ''}}`;
                        lost.push(`${{called(of)}} at ${{left}},${{top}}-${{right}},${{bottom}} is covered by ${{over}}`);
                    }}
                }}
                for (const of of document.querySelectorAll('*')) if (of.scrollTop && of.matches('main, body, html')) of.scrollTop = 0;
                return lost;
            }})()"
        ))
        .await
    }
}
