using System.Globalization;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Storage;

/// <summary>
/// The tables of the index. <c>scopes</c>: a folder, or a tenant's part of one. <c>words</c>: the full text of <c>chunks</c>, with the scope as a word,
/// so that a search reads the passages of its scopes alone.
/// </summary>
internal static class IndexSchema
{
    private const int Version = 1;

    public static string WordOf(long scope) => string.Create(CultureInfo.InvariantCulture, $"s{scope}");

    /// <exception cref="StorageException">The file was written by a newer version.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        using var version = connection.Prepare("PRAGMA user_version");
        switch ((long)version.ExecuteScalar()!)
        {
            case 0:
                connection.Execute(
                    $"""
                    BEGIN;
                    CREATE TABLE scopes (id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, tenant TEXT NOT NULL, used INTEGER NOT NULL, UNIQUE (folder, tenant));
                    CREATE TABLE documents (id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
                      hash BLOB NOT NULL, UNIQUE (scope, path));
                    CREATE TABLE chunks (id INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL, document INTEGER NOT NULL, heading TEXT NOT NULL, page INTEGER, text TEXT NOT NULL);
                    CREATE INDEX chunks_document ON chunks (document);
                    CREATE INDEX chunks_scope ON chunks (scope, id);
                    CREATE VIRTUAL TABLE words USING fts5 (scope, heading, text, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2');
                    CREATE TABLE models (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, used INTEGER NOT NULL);
                    CREATE TABLE vectors (id INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, model INTEGER NOT NULL, scope INTEGER NOT NULL, vector BLOB NOT NULL, UNIQUE (chunk, model));
                    CREATE INDEX vectors_scope ON vectors (model, scope);
                    PRAGMA user_version = {Version};
                    COMMIT;
                    """);
                break;
            case Version:
                break;
            default:
                throw new StorageException(
                    $"The index of documents in '{path}' was written by a newer version of the plugin. Install that version, or delete the file: the documents are indexed again.");
        }
    }
}
