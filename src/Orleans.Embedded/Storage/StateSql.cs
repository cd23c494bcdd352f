using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Orleans.Embedded;

/// <summary>What the statements on the state table have in common.</summary>
internal static class StateSql
{
    public const string WhereKey = "WHERE grain = $grain AND key = $key AND name = $name AND storage = $storage";

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "Only constants of this assembly come here.")]
    public static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in (string[])["$grain", "$key", "$name", "$storage"])
            command.Parameters.Add(name, SqliteType.Text);
        return command;
    }

    public static void Bind(SqliteCommand command, StateKey key)
    {
        command.Parameters[0].Value = key.Grain;
        command.Parameters[1].Value = key.Key;
        command.Parameters[2].Value = key.Name;
        command.Parameters[3].Value = key.Storage;
    }
}
