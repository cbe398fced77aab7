package x86

// tableEVEX5 is EVEX map 5: FP16, much as map 1 has it for other numbers.
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

// tableEVEX6 is EVEX map 6: FP16, much as map 2 has it for other numbers.
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
