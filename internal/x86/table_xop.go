package x86

// tableXOP8 is XOP map 8.
const tableXOP8 = `
85-87,8e,8f,95-97,9e,9f,a6,b6  vpmacs...  np W0 l0 /r v r16 ib
a2           vpcmov             np /r v rl ib
a3           vpperm             np l0 /r v r16 ib
c0-c3        vprotb...          np W0 l0 /r r16 ib
cc-cf,ec-ef  vpcomb...          np W0 l0 /r v r16 ib
`

// tableXOP9 is XOP map 9.
const tableXOP9 = `
01           blcfill...blcic    np l0 /1-7 v ry f:blsr
02           blcmsk,blci        np l0 /1,6 v ry f:blsr
12           llwpcb,slwpcb      np l0 reg /0,1
80,81        vfrczps,vfrczpd    np W0 /r rl
82           vfrczss            np W0 l0 /r r4
83           vfrczsd            np W0 l0 /r r8
90-9b        vprotb...          np l0 /r v r16
c1-c3,c6,c7,cb,d1-d3,d6,d7,db,e1-e3  vphaddbw...  np W0 l0 /r r16
`

// tableXOP10 is XOP map 10.
const tableXOP10 = `
10           bextr              np l0 /r ry id f:bextr
12           lwpins             np l0 /0 v r4 id f:cf
12           lwpval             np l0 /1 v r4 id
`
