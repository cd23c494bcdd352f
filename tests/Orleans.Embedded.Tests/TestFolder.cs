using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Orleans.Embedded.Tests;

/// <summary>A folder of one test, gone after it.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleans-embedded-");

    public string Database => Path.Combine(_folder.FullName, "state.db");

    /// <summary>Runs SQL on the database, beside whoever has it open; gives the first value of the first row as text.</summary>
    public string? Sql(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
