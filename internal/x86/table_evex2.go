package x86

// tableEVEX2 is EVEX map 2 (0F 38).
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
26           ptestmb,ptestnmb   66,f3 /r v k kreg rl
27           ptestmd            d/q /r v k kreg rl bc
27           ptestnmd           f3 W0 /r v k kreg rl bc4
27           ptestnmq           f3 W1 /r v k kreg rl bc8
28           pmuldq             66 W1 /r v kz rl bc8
28,38        pmovm2             f3 reg
29           pcmpeqq            66 W1 /r v k kreg rl bc8
29,39        pmov2m             f3 reg kreg
2a           movntdqa           66 W0 mem rl
2a           pbroadcastmb2q     f3 W1 reg
2b           packusdw           66 W0 /r v kz rl bc4
2c           scalefps           d/q /r v kz rl bc er
2d           scalefss           s/d /r v kz er
37           pcmpgtq            66 W1 /r v k kreg rl bc8
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
68           vp2intersectd      f2 W0 /r v kreg rl bc4
68           vp2intersectq      f2 W1 /r v kreg rl bc8
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
8f           pshufbitqmb        66 W0 /r v k kreg rl
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
