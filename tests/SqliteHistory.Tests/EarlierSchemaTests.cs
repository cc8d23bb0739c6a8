using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace PluginHost.Sqlite.Tests;

/// <summary>Databases of earlier builds.</summary>
public sealed class EarlierSchemaTests : StoreTestBase
{
    [Fact]
    public async Task A_database_of_schema_2_is_read_changed_and_read_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Earlier", "schema-2.db"), DatabasePath);

        await EarlierStore.CheckAsync(Sessions(), History());
        await CloseAsync();
        await EarlierStore.CheckAsync(Sessions(), History());
        await EarlierStore.SaveAsync(Sessions());
    }

    [Fact]
    public void A_migration_reaches_the_newest_version_or_changes_nothing()
    {
        var path = Path.Combine(Folder.Store, "old.db");
        string[] steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x)"];
        using var connection = new PreparedConnection(path, readOnly: false, TimeSpan.Zero);

        Assert.Equal(0, Schema.Migrate(connection, path, steps[..1]));
        Assert.Equal(1, Schema.Migrate(connection, path, steps));
        Assert.Equal(2, connection.QueryNumber("PRAGMA user_version"));
        Assert.Throws<SqliteException>(() => Schema.Migrate(connection, path, [.. steps, "CREATE TABLE c (x)", "no SQL"]));
        Assert.Equal(2, connection.QueryNumber("PRAGMA user_version"));
        Assert.Equal(0, connection.QueryNumber("SELECT count(*) FROM sqlite_schema WHERE name = 'c'"));
    }

    [Fact]
    public async Task A_database_of_the_first_version_is_migrated_with_its_content()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        using (var old = new PreparedConnection(DatabasePath, readOnly: false, TimeSpan.Zero))
        {
            Schema.Migrate(old, DatabasePath, SchemaSteps.All.Take(1).ToList());
            old.Execute(
                """
                INSERT INTO sessions (tenant, session, version, created_at, updated_at, runs)
                VALUES ('default', 'later', 1, 100, 200, 0), ('default', 'first', 1, 150, 150, 0)
                """);
        }

        var idle = await Sessions().FindSessionsAsync(new SessionQuery { Tenant = "default", IdleSince = new DateTimeOffset(201, TimeSpan.Zero) }, None);

        Assert.Equal(["first", "later"], idle.Items.Select(s => s.Key.Id));
        await CloseAsync();
        using var after = Connect(DatabasePath);
        Assert.Equal((long)SchemaSteps.All.Count, QueryScalar(after, "PRAGMA user_version"));
        // What it was before can be used again.
        var kept = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(DatabasePath)!, "*.version-1-*"));
        Assert.EndsWith("Z", kept, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        using var before = Connect(kept);
        Assert.Equal((1L, 2L), (QueryScalar(before, "PRAGMA user_version"), QueryScalar(before, "SELECT count(*) FROM sessions")));
    }

    [Fact]
    public void A_database_without_space_for_a_copy_is_not_migrated_and_a_migration_that_fails_leaves_no_copy()
    {
        var path = Path.Combine(Folder.Store, "old.db");
        using var connection = new PreparedConnection(path, readOnly: false, TimeSpan.Zero);
        Schema.Migrate(connection, path, SchemaSteps.All.Take(1).ToList());
        var steps = SchemaSteps.All.Take(1).ToList();

        var refusal = Assert.Throws<SqliteStoreException>(() => Copy(free: 100_000).Migrate(connection, [.. steps, "CREATE TABLE c (x)"]));
        Assert.Throws<SqliteException>(() => Copy(free: long.MaxValue).Migrate(connection, [.. steps, "no SQL"]));

        Assert.Contains("'" + Folder.Store, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("needs 1 MB for both, and has 0 MB. Free disk space", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, connection.QueryNumber("PRAGMA user_version"));
        Assert.Equal([path], Directory.GetFiles(Folder.Store).Where(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)));

        MigrationCopy Copy(long free) => new(path, TimeProvider.System, NullLogger.Instance, _ => free);
    }

    [Fact]
    public void A_copy_that_a_lost_process_left_unfinished_is_deleted()
    {
        var path = Path.Combine(Folder.Store, "old.db");
        using var connection = new PreparedConnection(path, readOnly: false, TimeSpan.Zero);
        var steps = SchemaSteps.All.Take(1).ToList();
        Schema.Migrate(connection, path, steps);
        File.WriteAllText(path + ".version-1-20260101T000000.000Z.unfinished", "rest");

        new MigrationCopy(path, TimeProvider.System, NullLogger.Instance, _ => long.MaxValue).Migrate(connection, [.. steps, "CREATE TABLE c (x)"]);

        Assert.DoesNotContain("unfinished", Assert.Single(Directory.GetFiles(Folder.Store, "*.version-1-*")), StringComparison.Ordinal);
    }
}
