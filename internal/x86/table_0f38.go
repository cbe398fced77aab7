package x86

// table0F38 is the map of opcodes after 0F 38.
const table0F38 = `
00-0b        pshufb...pmulhrsw  mmx /r
10,14,15     pblendvb...        66 /r r16
17           ptest              66 /r r16 f:all
1c-1e        pabsb...           mmx /r
20,23,25,30,33,35  pmovsxbw...  66 /r r8
21,24,31,34  pmovsxbd...        66 /r r4
22,32        pmovsxbq,pmovzxbq  66 /r r2
28,29,2b     pmuldq...          66 /r r16
2a           movntdqa           66 mem /r r16
37-41        pcmpgtq...         66 /r r16
80,81        invept,invvpid     66 mem /r r16 trap f:all
82           invpcid            66 mem /r r16 trap
c8-cd        sha1nexte...       np /r r16
cf           gf2p8mulb          66 /r r16
d8           aesencwide128kl... f3 mem /0,1 r48 f:all
d8           aesencwide256kl... f3 mem /2,3 r64 f:all
db           aesimc             66 /r r16
dc           aesenc             66 /r r16
dc           aesenc128kl        f3 mem /r r48 f:all
dc           loadiwkey          f3 reg /r trap f:all
dd           aesenclast         66 /r r16
dd           aesdec128kl        f3 mem /r r48 f:all
de,df        aesdec             66 /r r16
de,df        aesenc256kl...     f3 mem /r r64 f:all
f0           movbe              np,66 mem /r rv
f0           crc32              f2 /r r1
f1           movbe              np,66 mem /r wv
f1           crc32              f2 /r rv
f5           wruss              66 mem /r wy trap
f6           wrss               np mem /r wy
f6           adcx               66 /r ry f:adcx
f6           adox               f3 /r ry f:adox
f8           movdir64b          66 mem /r r64 atregister
f8           enqcmd             f2 mem /r r64 atregister f:all
f8           enqcmds            f3 mem /r r64 atregister f:all trap
f8           urdmsr,uwrmsr      f2,f3 reg /r
f9           movdiri            np mem /r wy
fa,fb        encodekey          f3 reg /r f:all
fc           aadd...            mem /r rwy
`

// table0F3A is the map of opcodes after 0F 3A.
const table0F3A = `
08,09,0c-0e  roundps...         66 /r r16 ib
0a           roundss            66 /r r4 ib
0b           roundsd            66 /r r8 ib
0f           palignr            mmx /r ib
14           pextrb             66 /r w1 ib
15           pextrw             66 /r w2 ib
16           pextrd             66 /r wy ib
17           extractps          66 /r w4 ib
20           pinsrb             66 /r r1 ib
21           insertps           66 /r r4 ib
22           pinsrd             66 /r ry ib
40-42,44     dpps...pclmulqdq   66 /r r16 ib
60-63        pcmpestrm...       66 /r r16 ib f:all
cc           sha1rnds4          np /r r16 ib
ce,cf        gf2p8affineqb      66 /r r16 ib
df           aeskeygenassist    66 /r r16 ib
f0           hreset             f3 =c0 ib trap
`
