namespace OrleansCdn.Cli.Lab;

/// <summary><c>examples/three-pops.yaml</c>, carried inside this program.</summary>
internal static class ExampleNetwork
{
    public static string Read()
    {
        using Stream resource = typeof(ExampleNetwork).Assembly.GetManifestResourceStream("three-pops.yaml")!;
        return new StreamReader(resource).ReadToEnd();
    }
}
