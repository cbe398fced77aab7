package x86

// tableEVEX2 is EVEX map 2 (0F38).
const tableEVEX2 = `
00,04,0b     pshufb...          66 /r v kz rl
0c           permilps           66 W0 /r v kz rl bc4
0d           permilpd           66 W1 /r v kz rl bc8
10-12        psrlvw...          66 W1 /r v kz rl
10,13,15,20,23,25,30,33,35  pmovuswb...  f3 W0 /r kz wl/2
11,14,21,24,31,34  pmovusdb...  f3 W0 /r kz wl/4
12,22,32     pmovusqb...        f3 W0 /r kz wl/8
13           cvtph2ps           66 W0 /r kz rl/2 sae
14,15        prorv,prolv        d/q /r v kz rl bc
16,36        permps,permd       d/q l12 /r v kz rl bc
18           broadcastss        66 W0 /r kz r4
19           broadcastsd        66 l12 /r kz r8
1a,5a        broadcastf32x4     66 l12 mem kz r16
1b,5b        broadcastf32x8     66 l2 mem kz r32
1c,1d        pabsb,pabsw        66 /r kz rl
1e           pabsd              66 W0 /r kz rl bc4
1f           pabsq              66 W1 /r kz rl bc8
20,23,30,33  pmovsxbw...        66 /r kz rl/2
25,35        pmovsxdq           66 W0 /r kz rl/2
21,24,31,34  pmovsxbd...        66 /r kz rl/4
22,32        pmovsxbq,pmovzxbq  66 /r kz rl/8
26           ptestmb,ptestnmb   66,f3 /r v k tok rl
27           ptestmd            d/q /r v k tok rl bc
27           ptestnmd           f3 W0 /r v k tok rl bc4
27           ptestnmq           f3 W1 /r v k tok rl bc8
28           pmuldq             66 W1 /r v kz rl bc8
28,38        pmovm2             f3 reg
29           pcmpeqq            66 W1 /r v k tok rl bc8
29,39        pmov2m             f3 reg tok
2a           movntdqa           66 W0 mem rl
2a           pbroadcastmb2q     f3 W1 reg
2b           packusdw           66 W0 /r v kz rl bc4
2c           scalefps           d/q /r v kz rl bc er
2d           scalefss           s/d /r v kz er
37           pcmpgtq            66 W1 /r v k tok rl bc8
38,3a,3c,3e  pminsb...          66 /r v kz rl
39,3b,3d,3f,40  pminsd...       d/q /r v kz rl bc
3a           pbroadcastmw2d     f3 W0 reg
42           getexpps           d/q /r kz rl bc sae
43           getexpss           s/d /r v kz sae
44           plzcnt             d/q /r kz rl bc
45-47        psrlv...           d/q /r v kz rl bc
4c,4e        rcp14ps...         d/q /r kz rl bc
4d,4f        rcp14ss...         s/d /r v kz
50-53        pdpbusd...         66 W0 /r v kz rl bc4
52           dpbf16ps           f3 W0 /r v kz rl bc4
52,53        p4dpwssd           f2 W0 l2 mem v kz r16
54           popcntb            66 /r kz rl
55           popcntd            d/q /r kz rl bc
58           pbroadcastd        66 W0 /r kz r4
59           pbroadcastq        66 /r kz r8
62           pexpandb           66 W0 /r kz rl n1
62           pexpandw           66 W1 /r kz rl n2
63           pcompressb         66 W0 /r kz wl n1
63           pcompressw         66 W1 /r kz wl n2
64,65        blendmps...        d/q /r v kz rl bc
66           blendmb            66 /r v kz rl
68           vp2intersectd      f2 W0 /r v tok rl bc4
68           vp2intersectq      f2 W1 /r v tok rl bc8
70,72        pshldvw,pshrdvw    66 W1 /r v kz rl
71,73        pshldvd,pshrdvd    d/q /r v kz rl bc
72           cvtneps2bf16       f3 W0 /r kz rl bc4
72           cvtne2ps2bf16      f2 W0 /r v kz rl bc4
75,7d        permi2b...         66 /r v kz rl
76,77,7e,7f  permi2d...         d/q /r v kz rl bc
78           pbroadcastb        66 W0 /r kz r1
79           pbroadcastw        66 W0 /r kz r2
7a,7b        pbroadcastb        66 W0 reg kz
7c           pbroadcastd        66 reg kz
83           pmultishiftqb      66 W1 /r v kz rl bc8
88,89        expandps           66 W0 /r kz rl n4
88,89        expandpd           66 W1 /r kz rl n8
8a,8b        compressps         66 W0 /r kz wl n4
8a,8b        compresspd         66 W1 /r kz wl n8
8d           permb              66 /r v kz rl
8f           pshufbitqmb        66 W0 /r v k tok rl
90-93        gather             66 W0 mem vsib k! r0 n4 distinct
90-93        gather             66 W1 mem vsib k! r0 n8 distinct
96-98,9a,9c,9e,a6-a8,aa,ac,ae,b6-b8,ba,bc,be  fmadd132ps...  d/q /r v kz rl bc er
99,9b,9d,9f,a9,ab,ad,af,b9,bb,bd,bf  fmadd132ss...  s/d /r v kz er
9a,aa        4fmaddps           f2 W0 l2 mem v kz r16
9b,ab        4fmaddss           f2 W0 mem v kz r16
a0-a3        scatter            66 W0 mem vsib k! w0 n4
a0-a3        scatter            66 W1 mem vsib k! w0 n8
b4,b5        pmadd52            66 W1 /r v kz rl bc8
c4           pconflict          d/q /r kz rl bc
c6,c7        gatherpf           66 W0 l2 mem vsib k! /1,2,5,6 n4
c6,c7        gatherpf           66 W1 l2 mem vsib k! /1,2,5,6 n8
c8,ca,cc     exp2ps...          d/q l2 /r kz rl bc sae
cb,cd        rcp28ss            s/d /r v kz sae
cf           gf2p8mulb          66 W0 /r v kz rl
dc-df        aesenc...          66 /r v rl
`

// tableEVEX3 is EVEX map 3 (0F3A).
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
1e,1f        pcmpud,pcmpd       d/q /r v k tok rl bc ib
20           pinsrb             66 l0 /r v r1 ib
21           insertps           66 W0 l0 /r v r4 ib
22           pinsrd             66 l0 /r v ry ib
23,43        shuff32x4          d/q l12 /r v kz rl bc ib
25           pternlog           d/q /r v kz rl bc ib
26           getmantps          d/q /r kz rl bc sae ib
26           getmantph          np W0 /r kz rl bc2 sae ib
27           getmantss          s/d /r v kz sae ib
27           getmantsh          np W0 /r v kz r2 sae ib
3e,3f        pcmpub,pcmpb       66 /r v k tok rl ib
42           dbpsadbw           66 W0 /r v kz rl ib
44           pclmulqdq          66 /r v rl ib
50,54        rangeps,fixupimm   d/q /r v kz rl bc sae ib
51,55        rangess,fixupimm   s/d /r v kz sae ib
56           reduceps           d/q /r kz rl bc sae ib
56           reduceph           np W0 /r kz rl bc2 sae ib
57           reducess           s/d /r v kz sae ib
57           reducesh           np W0 /r v kz r2 sae ib
66           fpclassps          d/q /r k tok rl bc ib
66           fpclassph          np W0 /r k tok rl bc2 ib
67           fpclassss          s/d /r k tok ib
67           fpclasssh          np W0 /r k tok r2 ib
70,72        pshldw,pshrdw      66 W1 /r v kz rl ib
71,73        pshldd,pshrdd      d/q /r v kz rl bc ib
c2           cmpph              np W0 /r v k tok rl bc2 sae ib
c2           cmpsh              f3 W0 /r v k tok r2 sae ib
ce,cf        gf2p8affineqb      66 W1 /r v kz rl bc8 ib
`

// tableEVEX5 is EVEX map 5, FP16 after the model of map 1.
const tableEVEX5 = `
10           movsh              f3 W0 mem kz r2
11           movsh              f3 W0 mem k w2
10,11        movsh              f3 W0 reg v kz
1d           cvtss2sh           np W0 /r v kz r4 er
1d           cvtps2phx          66 W0 /r kz rl bc4 er
2a           cvtsi2sh           f3 /r v ry er
2c,2d        cvttsh2si          f3 /r gpr r2 er
2e,2f        ucomish            np W0 /r r2 sae f:all
51           sqrtph             np W0 /r kz rl bc2 er
51           sqrtsh             f3 W0 /r v kz r2 er
58,59,5c-5f  addph...           np W0 /r v kz rl bc2 er
58,59,5c-5f  addsh...           f3 W0 /r v kz r2 er
5a           cvtph2pd           np W0 /r kz rl/4 bc2 sae
5a           cvtpd2ph           66 W1 /r kz rl bc8 er
5a           cvtsh2sd           f3 W0 /r v kz r2 sae
5a           cvtsd2sh           f2 W1 /r v kz r8 er
5b           cvtdq2ph           np W0 /r kz rl bc4 er
5b           cvtqq2ph           np W1 /r kz rl bc8 er
5b           cvtph2dq           66,f3 W0 /r kz rl/2 bc2 er
6e           movw               66 l0 /r r2
78,79        cvttph2udq         np W0 /r kz rl/2 bc2 er
78,79,7a,7b  cvttph2uqq         66 W0 /r kz rl/4 bc2 er
78,79        cvttsh2usi         f3 /r gpr r2 er
7a           cvtudq2ph          f2 W0 /r kz rl bc4 er
7a           cvtuqq2ph          f2 W1 /r kz rl bc8 er
7b           cvtusi2sh          f3 /r v ry er
7c,7d        cvttph2uw...       np,66 W0 /r kz rl bc2 er
7d           cvtw2ph            f3,f2 W0 /r kz rl bc2 er
7e           movw               66 l0 /r w2
`

// tableEVEX6 is EVEX map 6, FP16 after the model of map 2.
const tableEVEX6 = `
13           cvtsh2ss           np W0 /r v kz r2 sae
13           cvtph2psx          66 W0 /r kz rl/2 bc2 sae
2c           scalefph           66 W0 /r v kz rl bc2 er
2d           scalefsh           66 W0 /r v kz r2 er
42           getexpph           66 W0 /r kz rl bc2 sae
43           getexpsh           66 W0 /r v kz r2 sae
4c,4e        rcpph,rsqrtph      66 W0 /r kz rl bc2
4d,4f        rcpsh,rsqrtsh      66 W0 /r v kz r2
56,d6        fmaddcph,fmulcph   f3,f2 W0 /r v kz rl bc4 er distinct
57,d7        fmaddcsh,fmulcsh   f3,f2 W0 /r v kz r4 er distinct
96-98,9a,9c,9e,a6-a8,aa,ac,ae,b6-b8,ba,bc,be  fmadd132ph...  66 W0 /r v kz rl bc2 er
99,9b,9d,9f,a9,ab,ad,af,b9,bb,bd,bf  fmadd132sh...  66 W0 /r v kz r2 er
`
