using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Tests.Routing;

public sealed class CommunityTests
{
    [Theory]
    [InlineData("64500:120", CommunityKind.Standard, "fbf40078")]
    [InlineData("65535:0", CommunityKind.Standard, "ffff0000")]
    [InlineData("4200000000:1:4294967295", CommunityKind.Large, "fa56ea0000000001ffffffff")]
    [InlineData("rt:64500:120", CommunityKind.Extended, "0002fbf400000078")]
    [InlineData("ro:64500:120", CommunityKind.Extended, "0003fbf400000078")]
    [InlineData("ext:0x4300fbf400000001", CommunityKind.Extended, "4300fbf400000001")]
    public void TextAndOctetsAgree(string text, CommunityKind kind, string octets)
    {
        Community community = Community.Parse(text);
        byte[] wire = new byte[community.Length];
        community.Write(wire);
        Assert.Equal(kind, community.Kind);
        Assert.Equal(octets, Convert.ToHexStringLower(wire));
        Assert.Equal(text, community.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("64500")]
    [InlineData("65536:1")]
    [InlineData("1:65536")]
    [InlineData("-1:1")]
    [InlineData("01:1")]
    [InlineData(" 1:1")]
    [InlineData("1:2:3:4")]
    [InlineData("1:2:4294967296")]
    [InlineData("rt:65536:1")]
    [InlineData("ext:0x1")]
    [InlineData("ext:0x00000000000000001")]
    [InlineData(null)]
    public void WhatIsNoCommunityIsNone(string? text) => Assert.False(Community.TryParse(text, out _));
}
