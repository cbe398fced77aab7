package x86

// tableVEX1 is VEX map 1 (0F).
const tableVEX1 = `
10           movups,movupd      np,66 /r rl
10           movss              f3 mem r4
10           movsd              f2 mem r8
10,11        movss,movsd        f3,f2 reg v
11           movups,movupd      np,66 /r wl
11           movss              f3 mem w4
11           movsd              f2 mem w8
12           movlps,movhlps     np l0 /r v r8
12           movlpd             66 l0 mem v r8
12           movsldup           f3 /r rl
12           movddup            f2 /r rdup
13           movlps,movlpd      np,66 l0 mem w8
14,15        unpcklps           np,66 /r v rl
16           movhps,movlhps     np l0 /r v r8
16           movhpd             66 l0 mem v r8
16           movshdup           f3 /r rl
17           movhps,movhpd      np,66 l0 mem w8
28           movaps,movapd      np,66 /r rl
29           movaps,movapd      np,66 /r wl
2a           cvtsi2ss,cvtsi2sd  f3,f2 /r v ry
2b           movntps,movntpd    np,66 mem wl
2c,2d        cvttss2si          f3 /r r4
2c,2d        cvttsd2si          f2 /r r8
2e,2f        ucomiss            np /r r4 f:all
2e,2f        ucomisd            66 /r r8 f:all
41,42,45-47,4a  kandw...        np,66 l1 reg v kreg
44           knotw...           np,66 l0 reg kreg
4b           kunpck             np l1 reg v kreg
4b           kunpckbw           66 W0 l1 reg v kreg
50           movmskps           np,66 reg
51           sqrtps             np,66 /r rl
51           sqrtss             f3 /r v r4
51           sqrtsd             f2 /r v r8
52,53        rsqrtps,rcpps      np /r rl
52,53        rsqrtss,rcpss      f3 /r v r4
54-57        andps...           np,66 /r v rl
58,59,5c-5f  addps...maxps      np,66 /r v rl
58,59,5c-5f  addss...maxss      f3 /r v r4
58,59,5c-5f  addsd...maxsd      f2 /r v r8
5a           cvtps2pd           np /r rl/2
5a           cvtpd2ps           66 /r rl
5a           cvtss2sd           f3 /r v r4
5a           cvtsd2ss           f2 /r v r8
5b           cvtdq2ps...        np,66,f3 /r rl
60-6d        punpcklbw...       66 /r v rl
6e           movd,movq          66 l0 /r ry
6f           movdqa,movdqu      66,f3 /r rl
70           pshufd...          66,f3,f2 /r rl ib
71,72        psrlw...           66 reg /2,4,6 v ib
73           psrlq...           66 reg /2,3,6,7 v ib
74-76        pcmpeq             66 /r v rl
77           vzeroupper         np
7c,7d        haddpd,haddps      66,f2 /r v rl
7e           movd,movq          66 l0 /r wy
7e           movq               f3 l0 /r r8
7f           movdqa,movdqu      66,f3 /r wl
90           kmovw              np W0 l0 /r r2 kreg
90           kmovq              np W1 l0 /r r8 kreg
90           kmovb              66 W0 l0 /r r1 kreg
90           kmovd              66 W1 l0 /r r4 kreg
91           kmovw              np W0 l0 mem w2 kreg
91           kmovq              np W1 l0 mem w8 kreg
91           kmovb              66 W0 l0 mem w1 kreg
91           kmovd              66 W1 l0 mem w4 kreg
92           kmovw,kmovb        np,66 W0 l0 reg kreg
93           kmovw,kmovb        np,66 W0 l0 reg
92           kmovd,kmovq        f2 l0 reg kreg
93           kmovd,kmovq        f2 l0 reg
98,99        kortest,ktest      np,66 l0 reg f:all kreg
ae           ldmxcsr            np l0 mem /2 r4
ae           stmxcsr            np l0 mem /3 w4
c2           cmpps,cmppd        np,66 /r v rl ib
c2           cmpss              f3 /r v r4 ib
c2           cmpsd              f2 /r v r8 ib
c4           pinsrw             66 l0 /r v r2 ib
c5           pextrw             66 l0 reg ib
c6           shufps             np,66 /r v rl ib
d0           addsubps           66,f2 /r v rl
d1-d3,e1,e2,f1-f3  psrlw...     66 /r v r16
d4,d5,d8-e0  paddq...pavgb      66 /r v rl
d6           movq               66 l0 /r w8
d7           pmovmskb           66 reg
e3-e5,e8-ef  pavgw...pxor       66 /r v rl
e6           cvttpd2dq          66,f2 /r rl
e6           cvtdq2pd           f3 /r rl/2
e7           movntdq            66 mem wl
f0           lddqu              f2 mem rl
f4-f6,f8-fe  pmuludq...paddd    66 /r v rl
f7           maskmovdqu         66 l0 reg destination w16
`

// tableVEX2 is VEX map 2 (0F38).
const tableVEX2 = `
00-0b        pshufb...          66 /r v rl
0c,0d        permilps           66 W0 /r v rl
0e,0f        testps             66 W0 /r rl f:all
13           cvtph2ps           66 W0 /r rl/2
16,36        permps,permd       66 W0 l1 /r v rl
17           ptest              66 /r rl f:all
18           broadcastss        66 W0 /r r4
19           broadcastsd        66 W0 l1 /r r8
1a,5a        broadcastf128      66 W0 l1 mem r16
1c-1e        pabsb...           66 /r rl
20,23,25,30,33,35  pmovsxbw...  66 /r rl/2
21,24,31,34  pmovsxbd...        66 /r rl/4
22,32        pmovsxbq,pmovzxbq  66 /r rl/8
28,29,2b     pmuldq...          66 /r v rl
2a           movntdqa           66 mem rl
2c,2d        maskmovps          66 W0 mem v rl
2e,2f        maskmovps          66 W0 mem v wl
37-40        pcmpgtq...         66 /r v rl
41           phminposuw         66 l0 /r r16
45,47        psrlv,psllv        66 /r v rl
46           psravd             66 W0 /r v rl
49           ldtilecfg          np W0 l0 mem /0 r64
49           tilerelease        np W0 l0 =c0
49           sttilecfg          66 W0 l0 mem /0 w64
49           tilezero           f2 W0 l0 =c0,c8,d0,d8,e0,e8,f0,f8 kreg
4b           tileload           f2,66 W0 l0 mem sib r0 tile
4b           tilestored         f3 W0 l0 mem sib w0 tile
50,51        vpdpb...           W0 /r v rl
52,53        vpdpwssd           66 W0 /r v rl
58           pbroadcastd        66 W0 /r r4
59           pbroadcastq        66 W0 /r r8
5c           tdpbf16ps,fp16     f3,f2 W0 l0 reg v tile distinct
5e           tdpb..d            W0 l0 reg v tile distinct
6c           tcmm...            np,66 W0 l0 reg v tile distinct
72           cvtneps2bf16       f3 W0 /r rl
78           pbroadcastb        66 W0 /r r1
79           pbroadcastw        66 W0 /r r2
8c           pmaskmov           66 mem v rl
8e           pmaskmov           66 mem v wl
90-93        gather             66 mem vsib v r0 distinct
96-98,9a,9c,9e,a6-a8,aa,ac,ae,b6-b8,ba,bc,be  fmadd132ps...  66 /r v rl
99,9b,9d,9f,a9,ab,ad,af,b9,bb,bd,bf  fmadd132ss...  66 W0 /r v r4
99,9b,9d,9f,a9,ab,ad,af,b9,bb,bd,bf  fmadd132sd...  66 W1 /r v r8
b0           cvtneebf162ps...   W0 mem rl
b1           bcstnebf162ps...   66,f3 W0 mem r2
b4,b5        pmadd52            66 W1 /r v rl
cb           sha512rnds2        f2 W0 l1 reg v
cc,cd        sha512msg          f2 W0 l1 reg
cf           gf2p8mulb          66 W0 /r v rl
d2,d3        vpdpw...           np,66,f3 W0 /r v rl
da           vsm3msg            np,66 W0 l0 /r v r16
da           vsm4               f3,f2 W0 /r v rl
db           aesimc             66 l0 /r r16
dc-df        aesenc...          66 /r v rl
e0-ef        cmpccxadd          66 l0 mem v rwy f:add
f2           andn               np l0 /r v ry f:blsr
f3           blsr,blsmsk,blsi   np l0 /1-3 v ry f:blsr
f5           bzhi               np l0 /r v ry f:blsr
f5           pext,pdep          f3,f2 l0 /r v ry
f6           mulx               f2 l0 /r v ry
f7           bextr              np l0 /r v ry f:bextr
f7           shlx,sarx,shrx     66,f3,f2 l0 /r v ry
`

// tableVEX3 is VEX map 3 (0F3A).
const tableVEX3 = `
00,01        permq,permpd       66 W1 l1 /r rl ib
02           pblendd            66 W0 /r v rl ib
04,05        permilps           66 W0 /r rl ib
06,46        perm2f128          66 W0 l1 /r v r32 ib
08,09        roundps            66 /r rl ib
0a           roundss            66 /r v r4 ib
0b           roundsd            66 /r v r8 ib
0c-0f        blendps...palignr  66 /r v rl ib
14           pextrb             66 l0 /r w1 ib
15           pextrw             66 l0 /r w2 ib
16           pextrd             66 l0 /r wy ib
17           extractps          66 l0 /r w4 ib
18,38        insertf128         66 W0 l1 /r v r16 ib
19,39        extractf128        66 W0 l1 /r w16 ib
1d           cvtps2ph           66 W0 /r wl/2 ib
20           pinsrb             66 l0 /r v r1 ib
21           insertps           66 l0 /r v r4 ib
22           pinsrd             66 l0 /r v ry ib
30-33        kshift             66 l0 reg ib kreg
40,42,44     dpps...            66 /r v rl ib
41           dppd               66 l0 /r v r16 ib
48,49        permil2ps          66 /r v rl ib
4a-4c        blendvps...        66 W0 /r v rl ib
5c-5f,68,69,6c,6d,78,79,7c,7d  fmaddps...  66 /r v rl ib
6a,6e,7a,7e  fmaddss...         66 /r v r4 ib
6b,6f,7b,7f  fmaddsd...         66 /r v r8 ib
60-63        pcmpestrm...       66 l0 /r r16 ib f:all
ce,cf        gf2p8affineqb      66 W1 /r v rl ib
de           vsm3rnds2          66 W0 l0 /r v r16 ib
df           aeskeygenassist    66 l0 /r r16 ib
f0           rorx               f2 l0 /r ry ib
`

// tableVEX7 is VEX map 7.
const tableVEX7 = `
f6           rdmsr,wrmsrns      f2,f3 W0 l0 reg /0 id trap
f8           urdmsr,uwrmsr      f2,f3 W0 l0 reg /0 id
`
