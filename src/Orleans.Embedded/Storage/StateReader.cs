using Microsoft.Data.Sqlite;

namespace Orleans.Embedded;

/// <summary>One connection that reads. Used by one caller at a time.</summary>
internal sealed class StateReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _select;

    public StateReader(string path)
    {
        _connection = StateFile.OpenReader(path);
        _select = StateSql.Command(_connection, "SELECT etag, payload FROM state " + StateSql.WhereKey);
    }

    public StoredState? Read(StateKey key)
    {
        StateSql.Bind(_select, key);
        using SqliteDataReader row = _select.ExecuteReader();
        return row.Read() ? new StoredState(row.GetString(0), row.GetFieldValue<byte[]>(1)) : null;
    }

    public void Dispose()
    {
        _select.Dispose();
        _connection.Dispose();
    }
}
