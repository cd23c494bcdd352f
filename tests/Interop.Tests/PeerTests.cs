using OrleansCdn.Interop.Tests.Matrix;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests;

/// <summary>Each class is one column of the matrix; columns run side by side. What is in none of them stands in <see cref="PeerLimits"/>.</summary>
public sealed class BirdTests
{
    public static TheoryData<string> Cases => MatrixRun.CasesOf(PeerKind.Bird);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Bird(string name) => MatrixRun.RunAsync(PeerKind.Bird, name);
}

/// <inheritdoc cref="BirdTests"/>
public sealed class FrrTests
{
    public static TheoryData<string> Cases => MatrixRun.CasesOf(PeerKind.Frr);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Frr(string name) => MatrixRun.RunAsync(PeerKind.Frr, name);
}

/// <inheritdoc cref="BirdTests"/>
public sealed class GoBgpTests
{
    public static TheoryData<string> Cases => MatrixRun.CasesOf(PeerKind.GoBgp);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task GoBgp(string name) => MatrixRun.RunAsync(PeerKind.GoBgp, name);
}

/// <inheritdoc cref="BirdTests"/>
public sealed class ExaBgpTests
{
    public static TheoryData<string> Cases => MatrixRun.CasesOf(PeerKind.ExaBgp);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task ExaBgp(string name) => MatrixRun.RunAsync(PeerKind.ExaBgp, name);
}
