namespace PluginHost.Sqlite.Tests;

public sealed class RunIndexTests : StoreTestBase
{
    [Fact]
    public async Task Runs_of_an_older_database_are_found_by_time_and_trouble()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        var time = new DateTimeOffset(2026, 11, 22, 20, 10, 34, TimeSpan.Zero).AddTicks(5_120_000);
        using (var old = new PreparedConnection(DatabasePath, readOnly: false, TimeSpan.Zero))
        {
            Schema.Migrate(old, DatabasePath, SchemaSteps.All.Take(2).ToList());
            Insert(old, 1, "r1", """{"agent":"assistant","status":"Completed","created_at":"2026-11-22T20:10:34+00:00","attempt":1}""");
            Insert(old, 2, "r2", """{"agent":"assistant","status":"Failed","created_at":"2026-11-22T20:10:34.512+00:00","attempt":1,"error":{"type":"model_error","message":"no"}}""");
            Insert(old, 3, "broken", "no JSON");
        }

        var sessions = Sessions();
        var all = (await sessions.SearchRunsAsync(new RunSearch { Tenant = "default" }, None))!;
        Assert.Equal(["r2", "r1"], all.Runs.Select(r => r.Id));
        Assert.Equal(time, all.Runs[0].CreatedAt);
        Assert.Equal("r2", Assert.Single((await sessions.SearchRunsAsync(new RunSearch { Tenant = "default", OnlyTrouble = true, Since = time, Until = time.AddTicks(1) }, None))!.Runs).Id);
    }

    [Theory]
    [InlineData(true, "runs_with_trouble")]
    [InlineData(false, "runs_by_time")]
    public async Task A_search_reads_an_index_without_sorting(bool onlyTrouble, string index)
    {
        var database = Sessions().Database.Open();
        var plan = await database.Readers.ReadAsync(
            static (connection, search) =>
            {
                using var rows = connection.Query("EXPLAIN QUERY PLAN " + RunSearcher.BuildSql(search), 1L, "");
                return rows.Read() ? rows.GetString(3) + (rows.Read() ? rows.GetString(3) : "") : "";
            },
            new RunSearch { OnlyTrouble = onlyTrouble },
            None);

        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static void Insert(PreparedConnection connection, long id, string run, string json) => connection.Execute(
        "INSERT INTO runs (id, tenant, session, run, json, output) VALUES ($1, 'default', 's1', $2, $3, '[]')", id, run, json);
}
