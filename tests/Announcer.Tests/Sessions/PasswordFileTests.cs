using System.Runtime.Versioning;
using System.Text;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Announcer.Tests.Running;

namespace OrleansCdn.Announcer.Tests.Sessions;

[UnsupportedOSPlatform("windows")]
public sealed class PasswordFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData(" with spaces \n", " with spaces ")]
    public void It_is_the_octets_without_the_line_end(string text, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(PasswordFile.Read(Write(text))));

    [Fact]
    public void What_the_kernel_does_not_take_is_said()
    {
        Assert.Equal(80, PasswordFile.Read(Write(new string('x', 80) + "\r\n")).Length);
        Assert.Contains("80 octets", Assert.Throws<IOException>(() => PasswordFile.Read(Write(new string('x', 81)))).Message, StringComparison.Ordinal);
        Assert.Contains("80 octets", Assert.Throws<IOException>(() => PasswordFile.Read(Write(new string('x', 10_000)))).Message, StringComparison.Ordinal);
        Assert.Contains("is empty", Assert.Throws<IOException>(() => PasswordFile.Read(Write("\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<IOException>(() => PasswordFile.Read(_directory["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<IOException>(() => PasswordFile.Read(_directory.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_everybody_can_read_is_a_problem()
    {
        string file = Write("secret");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("every user", Assert.Single(PasswordFile.Problems(file)), StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Empty(PasswordFile.Problems(file));
    }

    private string Write(string text)
    {
        string file = _directory["password"];
        File.WriteAllText(file, text);
        return file;
    }
}
