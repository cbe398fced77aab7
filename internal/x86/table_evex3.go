package x86

// tableEVEX3 is EVEX map 3 (0F 3A).
const tableEVEX3 = `
00,01        permq,permpd       66 W1 l12 /r kz rl bc8 ib
03           alignd             d/q /r v kz rl bc ib
04           permilps           66 W0 /r kz rl bc4 ib
05           permilpd           66 W1 /r kz rl bc8 ib
08           rndscaleps         66 W0 /r kz rl bc4 sae ib
08           rndscaleph         np W0 /r kz rl bc2 sae ib
09           rndscalepd         66 W1 /r kz rl bc8 sae ib
0a           rndscaless         66 W0 /r v kz r4 sae ib
0a           rndscalesh         np W0 /r v kz r2 sae ib
0b           rndscalesd         66 W1 /r v kz r8 sae ib
0f           palignr            66 /r v kz rl ib
14           pextrb             66 l0 /r w1 ib
15           pextrw             66 l0 /r w2 ib
16           pextrd             66 l0 /r wy ib
17           extractps          66 l0 /r w4 ib
18,38        insertf32x4        66 l12 /r v kz r16 ib
19,39        extractf32x4       66 l12 /r kz w16 ib
1a,3a        insertf32x8        66 l2 /r v kz r32 ib
1b,3b        extractf32x8       66 l2 /r kz w32 ib
1d           cvtps2ph           66 W0 /r kz wl/2 sae ib
1e,1f        pcmpud,pcmpd       d/q /r v k kreg rl bc ib
20           pinsrb             66 l0 /r v r1 ib
21           insertps           66 W0 l0 /r v r4 ib
22           pinsrd             66 l0 /r v ry ib
23,43        shuff32x4          d/q l12 /r v kz rl bc ib
25           pternlog           d/q /r v kz rl bc ib
26           getmantps          d/q /r kz rl bc sae ib
26           getmantph          np W0 /r kz rl bc2 sae ib
27           getmantss          s/d /r v kz sae ib
27           getmantsh          np W0 /r v kz r2 sae ib
3e,3f        pcmpub,pcmpb       66 /r v k kreg rl ib
42           dbpsadbw           66 W0 /r v kz rl ib
44           pclmulqdq          66 /r v rl ib
50,54        rangeps,fixupimm   d/q /r v kz rl bc sae ib
51,55        rangess,fixupimm   s/d /r v kz sae ib
56           reduceps           d/q /r kz rl bc sae ib
56           reduceph           np W0 /r kz rl bc2 sae ib
57           reducess           s/d /r v kz sae ib
57           reducesh           np W0 /r v kz r2 sae ib
66           fpclassps          d/q /r k kreg rl bc ib
66           fpclassph          np W0 /r k kreg rl bc2 ib
67           fpclassss          s/d /r k kreg ib
67           fpclasssh          np W0 /r k kreg r2 ib
70,72        pshldw,pshrdw      66 W1 /r v kz rl ib
71,73        pshldd,pshrdd      d/q /r v kz rl bc ib
c2           cmpph              np W0 /r v k kreg rl bc2 sae ib
c2           cmpsh              f3 W0 /r v k kreg r2 sae ib
ce,cf        gf2p8affineqb      66 W1 /r v kz rl bc8 ib
`
