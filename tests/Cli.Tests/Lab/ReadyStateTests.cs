using OrleansCdn.Cli.Lab;

namespace OrleansCdn.Cli.Tests.Lab;

public sealed class ReadyStateTests
{
    [Fact]
    public void The_file_has_exactly_the_documented_fields()
    {
        var ready = new ReadyState
        {
            Api = "http://127.0.0.1:8080",
            Token = "t",
            Origin = "http://127.0.0.1:8082",
            Site = "www.example.net",
            SiloPid = 7,
            Pops = new Dictionary<string, ReadyPop>
            {
                ["waw"] = new() { Http = "127.0.0.1:8090", Https = "127.0.0.1:8091", Admin = "http://127.0.0.1:8093", EdgePid = 8 },
            },
        };
        string path = Path.Combine(Directory.CreateTempSubdirectory("cdn-ready-").FullName, "ready.json");
        ready.WriteTo(path);
        ready.WriteTo(path);
        Assert.Equal(
            """
            {"api":"http://127.0.0.1:8080","token":"t","origin":"http://127.0.0.1:8082","site":"www.example.net","internet":null,"pops":{"waw":{"http":"127.0.0.1:8090","https":"127.0.0.1:8091","dns":null,"admin":"http://127.0.0.1:8093","edgePid":8,"announcerPid":null}},"siloPid":7}

            """,
            File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
