/** How the page looks: quiet paper, one accent, numbers in columns. No font is loaded; what readers have is good. */

const light =
  `--paper:#fbfaf7;--raised:#fff;--ink:#1e1c19;--soft:#6a655c;--rule:#e3dfd6;--wash:#f2efe8;--accent:#1d5c8c;
--fill:#8fb0c9;--good:#2c6e49;--goodfill:#7fb092;--bad:#a8321f;--badfill:#d98b7d;--warn:#80590a;--warnfill:#d9b56a;
--added:#dcefe2;--removed:#f7dfda;--select:#e4edf4;color-scheme:light`

const dark =
  `--paper:#171614;--raised:#1e1d1a;--ink:#e9e5dc;--soft:#a29b8e;--rule:#35322d;--wash:#24221f;--accent:#8dbfe6;
--fill:#4d7898;--good:#86c79f;--goodfill:#4c8263;--bad:#f0998a;--badfill:#a75646;--warn:#dfb664;--warnfill:#8e7136;
--added:#1e3a2a;--removed:#4a2620;--select:#22303b;color-scheme:dark`

export const styles = `
:root{${light};--serif:"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L",Georgia,serif;
--sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Open Sans",sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono","JetBrains Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
:root[data-theme=dark]{${dark}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 var(--sans);font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
h1,h2,h3,h4,p,dl,dd,ul,ol{margin:0;padding:0}
ul,ol{list-style:none}
small{font-size:.8rem;color:var(--soft)}
.quiet{color:var(--soft)}
.tone-good{color:var(--good)}.tone-bad{color:var(--bad)}.tone-warn{color:var(--warn)}.tone-plain{color:inherit}
.skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:.5rem;z-index:9;background:var(--raised);padding:.4rem .8rem}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

.bar-top{position:sticky;top:0;z-index:5;background:var(--paper);border-bottom:1px solid var(--rule);display:flex;gap:1.6rem;align-items:center;padding:.55rem max(1.2rem,calc((100vw - 1120px)/2));flex-wrap:wrap}
.bar-top h1{font:600 .95rem var(--sans);max-width:22rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bar-top nav{display:flex;gap:1.2rem;flex:1}
.bar-top nav a{color:var(--soft);text-decoration:none;padding:.15rem 0;border-bottom:2px solid transparent}
.bar-top nav a:hover{color:var(--ink)}
.bar-top nav a[aria-current=page]{color:var(--ink);border-color:var(--accent)}
button,select,input{font:inherit;font-size:.875rem;color:inherit;background:var(--raised);border:1px solid var(--rule);border-radius:5px;padding:.28rem .6rem;min-height:2rem;max-width:100%}
button{cursor:pointer}
button:hover:not(:disabled){border-color:var(--soft)}
button:disabled{opacity:.45;cursor:default}
button.plain{border-color:transparent;background:none;padding:.28rem .4rem}

main{padding:0 max(1.2rem,calc((100vw - 1120px)/2)) 5rem}
.masthead{padding:2.6rem 0 1.8rem}
.kicker{color:var(--soft);font-size:.82rem;letter-spacing:.04em}
.masthead h2{font:400 2.3rem/1.15 var(--serif);letter-spacing:-.01em;margin:.15rem 0 .5rem;overflow-wrap:anywhere;text-wrap:balance}
.masthead .to{color:var(--soft)}
.lede{font:1.1rem/1.5 var(--serif);color:var(--soft);max-width:46rem;overflow-wrap:anywhere}
.facts{margin-top:.7rem;display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
.tag{border:1px solid var(--rule);border-radius:9px;padding:0 .5rem;font-size:.8rem}
.notice{margin-top:.9rem;border-left:3px solid currentColor;padding:.25rem .8rem;overflow-wrap:anywhere}
.notice ul{padding:.3rem 0}
.figures{display:flex;flex-wrap:wrap;gap:1rem 2.8rem;margin-top:1.8rem}
.figures dt{color:var(--soft);font-size:.82rem}
.figures dd{font:400 1.7rem/1.2 var(--serif)}
.figures dd small{display:block;font:.8rem/1.4 var(--sans)}

.part{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:1.4rem 2rem;border-top:1px solid var(--rule);padding:1.5rem 0 1.8rem}
.part h3{font:600 .95rem/1.4 var(--sans);overflow-wrap:anywhere}
.part .note{color:var(--soft);font-size:.8rem;line-height:1.45;margin-top:.35rem;overflow-wrap:anywhere}
.more{font-size:.9rem}
.body>p{margin-top:.8rem}.body>.notice{margin:0 0 1.3rem}

.score{display:grid;grid-template-columns:minmax(6.5rem,1fr) 8.2rem 300px 205px;gap:.4rem 1.5rem;padding:.9rem 0;align-items:start}
.score+.score{border-top:1px solid var(--wash)}
.scores .score:first-child{padding-top:0}
.score h4{font:500 1rem/1.4 var(--sans);overflow-wrap:anywhere}
.score .name p,.outcomes p,.under{font-size:.8rem;overflow-wrap:anywhere}
.number{display:flex;flex-direction:column}
.mean{font:400 1.55rem/1.15 var(--serif)}
.interval{color:var(--soft);font-size:.82rem;white-space:nowrap}
.under{display:flex;justify-content:space-between;gap:1rem}
.outcomes svg{margin-top:.5rem}
.score .chart{max-width:300px}

svg{display:block;max-width:100%;height:auto;overflow:visible}
svg text{font:11px var(--sans);fill:var(--soft);font-variant-numeric:tabular-nums}
svg .label{fill:var(--ink);font-size:12px}
svg .bar{fill:var(--fill)}
svg a:hover .bar,svg a:focus .bar{fill:var(--accent)}
svg .axis,svg .track{stroke:var(--rule)}
svg .grid{stroke:var(--wash)}
svg .mark{stroke:var(--ink);stroke-dasharray:2 2}
svg .mark-text{fill:var(--ink)}
svg .zero{stroke:var(--soft)}
svg .whisker{stroke:var(--ink);stroke-width:2;stroke-linecap:round}
svg .point{fill:var(--ink)}
svg .whisker.tone-good{stroke:var(--good)}svg .whisker.tone-bad{stroke:var(--bad)}
svg .point.tone-good{fill:var(--good)}svg .point.tone-bad{fill:var(--bad)}
svg .trend{fill:none;stroke:var(--accent);stroke-width:1.5}
svg .band{stroke:var(--fill);stroke-width:5;stroke-linecap:round;opacity:.6}
svg .tone-scored{fill:var(--fill)}svg .tone-good{fill:var(--goodfill)}svg .tone-miss{fill:var(--rule)}svg .tone-skipped{fill:var(--rule)}
svg .tone-bad{fill:var(--badfill)}svg .tone-late{fill:var(--warnfill)}svg .tone-cancelled{fill:var(--soft)}svg .tone-none{fill:var(--wash)}

.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem}
.plain th,.plain td{padding:.28rem 1.2rem .28rem 0;text-align:right;white-space:nowrap}
.plain thead th{color:var(--soft);font-weight:400;border-bottom:1px solid var(--rule);font-size:.82rem}
.plain th:first-child{text-align:left;max-width:18rem;overflow:hidden;text-overflow:ellipsis;font-weight:400}
.plain .dot{padding-left:0}
.ranking td:nth-child(2),.ranking th:nth-child(2){text-align:left}
.groups th[colspan]{text-align:left}
.body svg+.scroll{margin-top:1.2rem}
.reasons li,.worst li{display:grid;grid-template-columns:4rem minmax(0,7rem) minmax(0,1fr) auto;gap:.2rem 1rem;padding:.35rem 0;overflow-wrap:anywhere}
.worst li{grid-template-columns:4rem minmax(0,1fr)}
.reasons li+li,.worst li+li{border-top:1px solid var(--wash)}
.times{text-align:right;color:var(--soft)}
.reason{color:var(--bad)}
.such{display:flex;gap:.7rem;font-size:.85rem}
.whole div,.origin div{display:flex;gap:1rem;padding:.2rem 0;overflow-wrap:anywhere}
.whole dt,.origin dt{min-width:7rem;color:var(--soft)}
.whole small{display:block}
pre,code{font:.82rem/1.55 var(--mono)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.4rem 0;padding:.7rem .9rem;background:var(--wash);border-radius:5px;max-height:26rem;overflow:auto;unicode-bidi:plaintext}
summary{cursor:pointer;color:var(--soft);font-size:.9rem;padding:.2rem 0}

.rows-view{padding-top:1.2rem}
.tools{display:flex;flex-wrap:wrap;gap:.5rem .6rem;align-items:center;padding-bottom:.7rem}
.tools input[type=search]{flex:1 1 16rem;min-width:10rem}
.tools .count{margin-left:auto;color:var(--soft);font-size:.875rem}
.chip{background:var(--select);border-color:transparent;border-radius:9px}
.split{display:grid;grid-template-columns:minmax(0,1fr);gap:1.6rem;align-items:start}
.list table{width:100%;table-layout:auto}
.list th,.list td{padding:.34rem .7rem .34rem 0;text-align:right;border-bottom:1px solid var(--wash);white-space:nowrap;vertical-align:baseline}
.list thead th{border-bottom:1px solid var(--rule);color:var(--soft);font-weight:400;font-size:.82rem;position:sticky;top:0;background:var(--paper)}
.list thead button{border:0;background:none;padding:.1rem 0;min-height:0;font-size:.82rem;color:var(--soft);white-space:nowrap}
.list thead button:hover,.list thead [aria-sort] button{color:var(--ink)}
.list thead button{max-width:9rem;overflow:hidden;text-overflow:ellipsis}
.tools select{max-width:15rem}
.list .wide{text-align:left;white-space:normal;width:60%}
.list td.wide{max-width:0;min-width:11rem}
.list .wide a{color:inherit;text-decoration:none;display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:plaintext}
.list .wide a:hover{color:var(--accent)}
.list .wide .id{color:var(--soft);font-size:.82rem}
.list .wide .out{color:var(--soft);font-size:.85rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:plaintext}
.list tr{scroll-margin:4rem}
.list tbody tr{cursor:pointer;content-visibility:auto}
.list tbody tr:hover{background:var(--wash)}
.list tbody tr[aria-current=true]{background:var(--select)}
.list .wide .out.bad-text{color:var(--bad)}
.list .none{color:var(--soft);font-size:.82rem}
.list .gone{color:var(--bad);font-size:.82rem}
.pager{display:flex;gap:.6rem;align-items:center;justify-content:flex-end;padding-top:.8rem;color:var(--soft);font-size:.875rem}
.side{align-self:stretch;min-width:0}
.detail:focus{outline:0}
.empty{padding:2.5rem 0;color:var(--soft);text-align:center}

.detail{background:var(--raised);border:1px solid var(--rule);border-radius:7px;padding:1rem 1.2rem 1.6rem;overflow-wrap:anywhere;min-width:0}
.detail header{display:flex;gap:.5rem;align-items:flex-start;justify-content:space-between}
.detail h2{font:400 1.35rem/1.25 var(--serif);overflow-wrap:anywhere}
.detail h3{font:600 .88rem var(--sans);margin:1.3rem 0 .35rem}
.detail .buttons{display:flex;gap:.1rem;flex:none}
.detail .facts{margin-top:.3rem}
.tabs{display:inline-flex;gap:.9rem;margin-left:.9rem;font-weight:400}
.tabs button{border:0;background:none;padding:0;min-height:0;color:var(--soft);border-bottom:1px solid transparent;border-radius:0}
.tabs button[aria-pressed=true]{color:var(--ink);border-color:var(--accent)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:0 1rem}
.pair h4,.plain-title{font:.82rem var(--sans);color:var(--soft);margin-top:.3rem}
ins{background:var(--added);text-decoration:none;border-radius:2px}
del{background:var(--removed);border-radius:2px;text-decoration-color:var(--bad)}
.results{width:100%}
.results th,.results td{text-align:left;padding:.45rem .8rem .45rem 0;border-top:1px solid var(--wash);vertical-align:baseline;font-weight:400}
.results .value{font-family:var(--serif);font-size:1.05rem}
.results{table-layout:fixed}.results .name-col{width:24%}.results .value-col{width:20%}
.results .why{white-space:pre-wrap;unicode-bidi:plaintext}
.bad-text{color:var(--bad)}
.falls{font-size:.82rem}
.fall{display:grid;grid-template-columns:minmax(0,38%) minmax(0,1fr) 8.5rem;gap:.2rem .8rem;padding:.16rem 0;align-items:center}
.falls .label{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.falls .lane{position:relative;height:.72rem;background:var(--wash);border-radius:2px}
.falls .lane i{position:absolute;top:0;bottom:0;min-width:2px;border-radius:2px;background:var(--fill)}
.falls .lane i.llm{background:var(--accent)}.falls .lane i.tool,.falls .lane i.retriever{background:var(--goodfill)}.falls .lane i.evaluator{background:var(--warnfill)}.falls .lane i.error{background:var(--badfill)}
.falls .took{text-align:right;color:var(--soft);white-space:nowrap}
.falls summary{list-style:none;color:inherit;font-size:inherit}
.falls summary::-webkit-details-marker{display:none}
.falls summary .label::before{content:"▸";color:var(--soft);display:inline-block;width:.9rem;margin-left:-.9rem}
.falls [open]>summary .label::before{content:"▾"}
.falls .fall .label{padding-left:.9rem}
.falls p{padding-left:.9rem}
.help{border:1px solid var(--rule);border-radius:8px;background:var(--raised);color:var(--ink);padding:1.2rem 1.6rem;max-width:30rem}
.help::backdrop{background:rgb(0 0 0/.3)}
.help dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.2rem;margin:.8rem 0}
kbd{font:.8rem var(--mono);border:1px solid var(--rule);border-radius:3px;padding:.05rem .35rem}
.trends{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1.2rem 2rem;margin-bottom:1.4rem}
figure{margin:0}figcaption{font-size:.88rem;margin-bottom:.2rem;overflow-wrap:anywhere}
.runs th:first-child{max-width:24rem}
.runs input{accent-color:var(--accent);margin:0 .5rem 0 0;min-height:0;vertical-align:-.1em}
progress{inline-size:5rem;block-size:.5rem;accent-color:var(--accent)}
.status{color:var(--warn)}
.compare-bar{position:sticky;bottom:0;background:var(--paper);border-top:1px solid var(--rule);padding:.7rem 0;display:flex;gap:1rem;align-items:center;justify-content:flex-end}
.delta{font-weight:600}
.feedback{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));align-items:end}
.feedback label{min-width:0}.feedback input,.feedback select{width:100%}
.given li{padding:.3rem 0;border-bottom:1px solid var(--wash);margin-bottom:.4rem}
.feedback label{display:grid;font-size:.82rem;color:var(--soft);gap:.15rem}
.feedback label.long{grid-column:1/-1}
.feedback textarea{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--rule);border-radius:5px;padding:.4rem .6rem;min-height:3.4rem}

@media (min-width:1100px){
.split.open{grid-template-columns:minmax(0,1fr) minmax(26rem,47%)}
main:has(.split.open){padding-inline:1.6rem}
.split.open .detail{position:sticky;top:3.6rem;max-height:calc(100vh - 4.6rem);overflow-y:auto}
.split.open .list .extra{display:none}
}
@media (max-width:1099px){.split.open .list{display:none}}
@media (max-width:980px){.score{grid-template-columns:minmax(0,1fr) auto}.score .chart,.score .outcomes{grid-column:1/-1}}
@media (max-width:720px){
.part{grid-template-columns:minmax(0,1fr)}
.masthead{padding-top:1.6rem}.masthead h2{font-size:1.75rem}.figures{gap:.8rem 1.8rem}
.reasons li{grid-template-columns:3rem minmax(0,1fr)}.reasons .such,.reasons .reason{grid-column:2}
.list .narrow-off{display:none}
.fall{grid-template-columns:minmax(0,1fr) 7rem}.falls .lane{grid-column:1/-1;grid-row:2}
.bar-top h1{max-width:100%;flex-basis:100%}
}
@media (prefers-reduced-motion:no-preference){.list tbody tr,.bar-top nav a{transition:background-color .12s,color .12s}}
@media print{
:root,:root:not([data-theme=light]),:root[data-theme=dark]{${light};--paper:#fff;--wash:#f4f4f2}
body{font-size:10pt}
.bar-top nav,.bar-top button,.bar-top select,.tools,.pager button,.detail .buttons,.tabs,.more,.skip,.feedback,.help{display:none!important}
.bar-top{position:static;padding-inline:0}main{padding:0}
.part,.score,.list tr,.detail{break-inside:avoid}.list thead th{position:static}
.split.open .detail{position:static;max-height:none;overflow:visible;border:0}
pre{max-height:none;overflow:visible}
a{color:inherit}
}
`
