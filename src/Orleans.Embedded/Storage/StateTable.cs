using Microsoft.Data.Sqlite;
using Orleans.Storage;
using SQLitePCL;

namespace Orleans.Embedded;

/// <summary>The statements of the writer's connection. Used by the writer's thread alone.</summary>
internal sealed class StateTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _etag;

    public StateTable(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Plain("BEGIN IMMEDIATE");
        _commit = Plain("COMMIT");
        _rollback = Plain("ROLLBACK");
        _insert = Keyed("INSERT INTO state (grain, key, name, storage, etag, payload) VALUES ($grain, $key, $name, $storage, $new, $payload) ON CONFLICT DO NOTHING", "$new", "$payload");
        _update = Keyed("UPDATE state SET etag = $new, payload = $payload " + StateSql.WhereKey + " AND etag = $expected", "$new", "$payload", "$expected");
        _delete = Keyed("DELETE FROM state " + StateSql.WhereKey + " AND etag = $expected", "$expected");
        _etag = Keyed("SELECT etag FROM state " + StateSql.WhereKey);
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>SQLite ends a transaction by itself after some errors.</summary>
    public void RollBackIfOpen()
    {
        if (InTransaction)
            _rollback.ExecuteNonQuery();
    }

    /// <returns>Null if it is applied; else the conflict.</returns>
    public InconsistentStateException? Apply(StateWrite write)
    {
        if (Change(write) == 1)
            return null;
        StateSql.Bind(_etag, write.Key);
        string? stored = _etag.ExecuteScalar() as string;
        bool isClearOfNothing = write.NewEtag is null && stored is null && (write.ExpectedEtag is null || write.IsRetry);
        bool wasStoredBefore = write.IsRetry && write.NewEtag is not null && stored == write.NewEtag;
        return isClearOfNothing || wasStoredBefore ? null : new InconsistentStateException(
            $"The {write.Key} is not the one last read: version {stored ?? "none"} is stored, {write.ExpectedEtag ?? "none"} was expected. Read it again, or end the activation.",
            stored,
            write.ExpectedEtag);
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (SqliteCommand[])[_begin, _commit, _rollback, _insert, _update, _delete, _etag])
            command.Dispose();
        _connection.Dispose();
    }

    private int Change(StateWrite write)
    {
        if (write.NewEtag is null)
            return write.ExpectedEtag is null ? 0 : Run(_delete, write, write.ExpectedEtag);
        return write.ExpectedEtag is null
            ? Run(_insert, write, write.NewEtag, write.Payload!)
            : Run(_update, write, write.NewEtag, write.Payload!, write.ExpectedEtag);
    }

    private static int Run(SqliteCommand command, StateWrite write, params ReadOnlySpan<object> values)
    {
        StateSql.Bind(command, write.Key);
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i + 4].Value = values[i];
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Plain(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private SqliteCommand Keyed(string sql, params string[] more)
    {
        SqliteCommand command = StateSql.Command(_connection, sql);
        foreach (string name in more)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }
}
