namespace Orleans.Embedded.Tests;

public sealed class StateFileTests
{
    [Fact]
    public async Task Without_a_configured_file_a_silo_whose_grains_keep_state_does_not_start()
    {
        using TestFolder folder = new();

        Runtime.OrleansConfigurationException error = await Assert.ThrowsAsync<Runtime.OrleansConfigurationException>(() =>
            TestSilo.StartAsync(folder, null, (EmbeddedSettings.DatabaseKey, null)));

        Assert.Contains("keeps state, but no file is configured for it: set Orleans:Embedded:Database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_has_a_write_ahead_log_full_flushes_and_a_format_version()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        Assert.Equal("wal", folder.Sql("PRAGMA journal_mode"));
        Assert.Equal("1", folder.Sql("PRAGMA user_version"));
        using Microsoft.Data.Sqlite.SqliteConnection writer = StateFile.Open(Path.ChangeExtension(folder.Database, ".other"));
        using Microsoft.Data.Sqlite.SqliteCommand synchronous = writer.CreateCommand();
        synchronous.CommandText = "PRAGMA synchronous";
        Assert.Equal(2L, synchronous.ExecuteScalar());
    }

    [Fact]
    public async Task A_file_that_another_silo_has_open_is_refused_until_it_stops()
    {
        using TestFolder folder = new();
        await using (await TestSilo.StartAsync(folder))
        {
            StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => TestSilo.StartAsync(folder));
            Assert.Contains($"{folder.Database} is in use by another process", error.Message, StringComparison.Ordinal);
        }

        await using TestSilo next = await TestSilo.StartAsync(folder);
    }

    [Fact]
    public async Task A_newer_format_is_refused_with_what_to_do_and_left_as_it_is()
    {
        using TestFolder folder = new();
        await using (await TestSilo.StartAsync(folder))
        {
        }

        folder.Sql("PRAGMA user_version = 2");
        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => TestSilo.StartAsync(folder));

        Assert.Contains("has format 2, written by a newer version of this program; this one knows formats up to 1. Start the newer version", error.Message, StringComparison.Ordinal);
        Assert.Equal("2", folder.Sql("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_database_of_something_else_is_refused()
    {
        using TestFolder folder = new();
        folder.Sql("CREATE TABLE precious (x)");

        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => TestSilo.StartAsync(folder));

        Assert.Contains("is a database of something else", error.Message, StringComparison.Ordinal);
        Assert.Equal("delete", folder.Sql("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_as_damaged()
    {
        using TestFolder folder = new();
        await File.WriteAllTextAsync(folder.Database, string.Concat(Enumerable.Repeat("not a database ", 1000)));

        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => TestSilo.StartAsync(folder));

        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_garbage_in_its_middle_is_refused_as_damaged()
    {
        using TestFolder folder = new();
        await using (TestSilo silo = await TestSilo.StartAsync(folder))
            await Task.WhenAll(Enumerable.Range(0, 400).Select(i => silo.Grains.GetGrain<IStoredGrain>($"g{i}").SetAsync(new string('x', 400))));

        using (FileStream file = File.OpenWrite(folder.Database))
        {
            Assert.True(file.Length > 40 * 4096);
            for (int page = 2; page < file.Length / 4096; page += 3)
            {
                file.Position = page * 4096;
                file.Write(Enumerable.Repeat((byte)0xA5, 4096).ToArray());
            }
        }

        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => TestSilo.StartAsync(folder));

        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_made()
    {
        using TestFolder folder = new();
        string path = Path.Combine(Path.GetDirectoryName(folder.Database)!, "deeper", "still", "state.db");

        await using (await TestSilo.StartAsync(folder, null, (EmbeddedSettings.DatabaseKey, path)))
            Assert.True(File.Exists(path));
    }
}
