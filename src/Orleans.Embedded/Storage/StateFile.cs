using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orleans.Embedded;

/// <summary>Opens the state file and makes sure that it is one that this version can use.</summary>
internal static class StateFile
{
    /// <summary>The format of the file, in SQLite's user_version. 1: one table, a row for each record.</summary>
    public const int FormatVersion = 1;

    /// <summary>"OrSt", in SQLite's application_id: tells a state file from any other database.</summary>
    public const int ApplicationId = 0x4F725374;

    /// <summary>The write-ahead log is cut back to this after a checkpoint.</summary>
    private const int MaxIdleLogBytes = 16 * 1024 * 1024;

    /// <summary>Up to here the whole file is checked at start: at about 500 MB/s that is half a second.</summary>
    private const long MaxCheckedBytes = 256 * 1024 * 1024;

    private static readonly string Setup = string.Create(CultureInfo.InvariantCulture, $"""
        BEGIN IMMEDIATE;
        CREATE TABLE state (
            grain TEXT NOT NULL,
            key TEXT NOT NULL,
            name TEXT NOT NULL,
            storage TEXT NOT NULL,
            etag TEXT NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY (grain, key, name, storage));
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {FormatVersion};
        COMMIT;
        """);

    /// <returns>The connection for the writer.</returns>
    /// <exception cref="StateFileException">The file is damaged, of a newer format, or not a state file.</exception>
    public static SqliteConnection Open(string path)
    {
        SqliteConnection connection = Connect(path);
        try
        {
            connection.Open();
            CheckKind(connection, path);
            // In this order: the checks have written nothing, and a log left by a crash is replayed by the first read above.
            if (Text(connection, "PRAGMA journal_mode = WAL") is var mode && mode != "wal")
                throw new StateFileException($"The state file {path} cannot have a write-ahead log (journal mode stays {mode}). Put it on a local file system.");
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA synchronous = FULL; PRAGMA journal_size_limit = {MaxIdleLogBytes};"));
            if (Number(connection, "PRAGMA user_version") == 0)
                Execute(connection, Setup);
            CheckWhole(connection, path);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(e, path, "opened");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(string path)
    {
        SqliteConnection connection = Connect(path);
        connection.Open();
        Execute(connection, "PRAGMA query_only = 1;");
        return connection;
    }

    public static StateFileException Explain(SqliteException e, string path, string what) => e.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => Damaged(path, e.Message, e),
        raw.SQLITE_FULL => new StateFileException($"The state file {path} could not be {what}: the disk is full. Free some space; nothing that was acknowledged is lost.", e),
        _ => new StateFileException($"The state file {path} could not be {what}: {e.Message}", e),
    };

    private static void CheckKind(SqliteConnection connection, string path)
    {
        long application = Number(connection, "PRAGMA application_id");
        long version = Number(connection, "PRAGMA user_version");
        bool isEmpty = Number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (isEmpty && application == 0 && version == 0)
            return;
        if (application != ApplicationId)
            throw new StateFileException($"{path} is a database of something else, not a state file. Set {EmbeddedSettings.DatabaseKey} to another path.");
        if (version > FormatVersion)
        {
            throw new StateFileException(
                $"The state file {path} has format {version}, written by a newer version of this program; this one knows formats up to {FormatVersion}. "
                + "Start the newer version, or move the file away to begin with empty state.");
        }

        if (version < FormatVersion)
            throw Damaged(path, $"its format version is {version}", null);
    }

    private static void CheckWhole(SqliteConnection connection, string path)
    {
        if (new FileInfo(path).Length <= MaxCheckedBytes && Text(connection, "PRAGMA quick_check(1)") is var found && found != "ok")
            throw Damaged(path, found, null);
    }

    private static StateFileException Damaged(string path, string found, Exception? cause)
    {
        string message = $"The state file {path} is damaged ({found}). Restore it from a backup; or save what can be read with "
            + $"`sqlite3 {path} .recover`; or move it and its -wal file away to begin with empty state.";
        return cause is null ? new StateFileException(message) : new StateFileException(message, cause);
    }

    private static SqliteConnection Connect(string path) => new(new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Pooling = false,
        Mode = SqliteOpenMode.ReadWriteCreate,
    }.ToString());

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
