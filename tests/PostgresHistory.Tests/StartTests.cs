using System.ComponentModel.DataAnnotations;
using Npgsql;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>What prevents a start, and what an operator can do about it.</summary>
public sealed class StartTests : StoreTest
{
    [PostgresFact]
    public async Task Wrong_credentials_are_named_without_the_password()
    {
        var server = await SharedServer.GetAsync();
        var wrong = server.ConnectionString.Replace(PostgresServer.Password, "not-that-one", StringComparison.Ordinal);

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(wrong).StartAsync(None).AsTask());

        Assert.Contains("refuses the user 'postgres'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check Username and Password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-that-one", error.ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_unknown_database_is_named_with_the_cure()
    {
        var server = await SharedServer.GetAsync();

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(server.ConnectionString + ";Database=absent").StartAsync(None).AsTask());

        Assert.Contains("CREATE DATABASE \"absent\" OWNER \"postgres\"", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_user_who_may_not_create_the_schema_is_named_with_the_cure()
    {
        var server = await SharedServer.GetAsync();
        var user = await CreateUserAsync(server);

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(As(server, user)).StartAsync(None).AsTask());
        Assert.Contains($"CREATE SCHEMA {Schema} AUTHORIZATION \"{user}\"", error.Message, StringComparison.Ordinal);

        // The cure works.
        await server.ExecuteAsync($"CREATE SCHEMA {Schema} AUTHORIZATION {user}");
        await Sessions(As(server, user)).SaveAsync(Save(1, "r1"), None);
    }

    [PostgresFact]
    public async Task A_user_who_may_not_write_is_refused_at_the_start()
    {
        var server = await SharedServer.GetAsync();
        var user = await CreateUserAsync(server);
        await Sessions(server.ConnectionString).StartAsync(None);
        await server.ExecuteAsync($"GRANT USAGE ON SCHEMA {Schema} TO {user}; GRANT SELECT ON ALL TABLES IN SCHEMA {Schema} TO {user}");

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(As(server, user)).StartAsync(None).AsTask());
        Assert.Contains("DELETE on appends", error.Message, StringComparison.Ordinal);

        var cure = error.Message[error.Message.IndexOf("GRANT", StringComparison.Ordinal)..].TrimEnd('.');
        await server.ExecuteAsync(cure);
        await Sessions(As(server, user)).SaveAsync(Save(1, "r1"), None);
    }

    [PostgresFact]
    public async Task A_schema_of_another_program_is_refused_and_left_as_it_is()
    {
        var server = await SharedServer.GetAsync();
        await server.ExecuteAsync($"CREATE SCHEMA {Schema}; CREATE TABLE {Schema}.sessions (id int)");

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(server.ConnectionString).StartAsync(None).AsTask());

        Assert.Contains("tables of another program. Set Schema", error.Message, StringComparison.Ordinal);
        Assert.Equal(1L, server.Query($"SELECT count(*) FROM pg_tables WHERE schemaname = '{Schema}'"));
    }

    [PostgresFact]
    public async Task A_newer_schema_is_used_when_it_allows_this_host_and_refused_otherwise()
    {
        var server = await SharedServer.GetAsync();
        await Sessions(server.ConnectionString).SaveAsync(Save(1, "r1"), None);
        var known = Tables.Steps.Count;

        await server.ExecuteAsync($"UPDATE {Schema}.schema_version SET version = {known + 1}, oldest_reader = {known}");
        await Sessions(server.ConnectionString, isOtherHost: true).SaveAsync(Save(2, "r2"), None);
        Assert.Equal(known + 1, server.Query($"SELECT version FROM {Schema}.schema_version"));

        await server.ExecuteAsync($"UPDATE {Schema}.schema_version SET version = {known + 2}, oldest_reader = {known + 1}");
        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(server.ConnectionString, isOtherHost: true).StartAsync(None).AsTask());
        Assert.Contains($"has version {known + 2}, which needs a host of version {known + 1} or later", error.Message, StringComparison.Ordinal);
        Assert.Contains("Update the plugin", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task What_a_host_of_schema_2_deletes_takes_pins_and_explanations_with_it()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        var append = Append("r1");
        append.Messages[0].Message.AdditionalProperties = new() { ["pinned"] = true };
        await sessions.SaveAsync(Save(1, "r1", new CoveredAppend { History = history, Append = append }), None);
        Assert.True(await sessions.WriteExplanationAsync(new ExplanationWrite { Session = Session, RunId = "r1", Document = "secret"u8.ToArray(), MaxTenantBytes = 100 }, None));
        Assert.Equal((1L, 6L), (server.Query($"SELECT count(*) FROM {Schema}.pinned_messages"), server.Query($"SELECT bytes FROM {Schema}.explanation_bytes")));

        // As that host writes and deletes them.
        await server.ExecuteAsync($"INSERT INTO {Schema}.messages (history, position, message, outcome, document) SELECT history, 77, 'old', outcome, document FROM {Schema}.messages LIMIT 1");
        await server.ExecuteAsync($"DELETE FROM {Schema}.messages; DELETE FROM {Schema}.runs; DELETE FROM {Schema}.sessions");

        Assert.Equal((0L, 0L), (server.Query($"SELECT count(*) FROM {Schema}.pinned_messages"), server.Query($"SELECT count(*) FROM {Schema}.explanation_bytes")));
        Assert.Null(await sessions.ReadExplanationAsync(Session, "r1", None));
    }

    [PostgresFact]
    public async Task Writes_of_two_hosts_keep_the_bytes_of_a_tenant()
    {
        var server = await SharedServer.GetAsync();
        var hosts = new[] { Sessions(server.ConnectionString, isOtherHost: true), Sessions(server.ConnectionString, isOtherHost: true) };
        for (var i = 1; i <= 20; i++) await hosts[0].SaveAsync(Save(i, $"r{i}"), None);

        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => hosts[i % 2].WriteExplanationAsync(
            new ExplanationWrite { Session = Session, RunId = $"r{i}", Document = new byte[100], MaxTenantBytes = 500 }, None).AsTask()));

        Assert.Equal((5L, 500L), (server.Query($"SELECT count(*) FROM {Schema}.explanations"), server.Query($"SELECT bytes FROM {Schema}.explanation_bytes")));
        Assert.Equal(5, await hosts[1].DeleteExplanationsAsync(Session, None));
        Assert.False(await hosts[0].WriteExplanationAsync(new ExplanationWrite { Session = Session, RunId = "absent", Document = new byte[100], MaxTenantBytes = 500 }, None));
        Assert.Equal(0L, server.Query($"SELECT count(*) FROM {Schema}.explanation_bytes"));
    }

    [PostgresFact]
    public async Task A_written_explanation_stays_while_older_ones_are_locked()
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString);
        for (var i = 1; i <= 3; i++) await sessions.SaveAsync(Save(i, $"r{i}"), None);
        Assert.True(await WriteAsync("r1"));
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand($"SELECT 1 FROM {Schema}.explanations FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync();

            Assert.True(await WriteAsync("r2"));
            await transaction.RollbackAsync();
        }

        Assert.True((await sessions.ReadExplanationAsync(Session, "r2", None)).HasValue);

        // The next write removes what was too much.
        Assert.True(await WriteAsync("r3"));
        Assert.Equal((1L, 80L), (server.Query($"SELECT count(*) FROM {Schema}.explanations"), server.Query($"SELECT bytes FROM {Schema}.explanation_bytes")));

        async Task<bool> WriteAsync(string run) =>
            await sessions.WriteExplanationAsync(new ExplanationWrite { Session = Session, RunId = run, Document = new byte[80], MaxTenantBytes = 100 }, None);
    }

    [PostgresFact]
    public async Task Hosts_that_start_at_once_create_the_tables_once()
    {
        var server = await SharedServer.GetAsync();
        var hosts = Enumerable.Range(0, 8).Select(_ => Sessions(server.ConnectionString, isOtherHost: true)).ToList();

        await Task.WhenAll(hosts.Select(h => h.StartAsync(None).AsTask()));

        await hosts[0].SaveAsync(Save(1, "r1"), None);
        Assert.Equal("r1", await RunsAsync(hosts[7]));
        Assert.Equal(Tables.Steps.Count, server.Query($"SELECT version FROM {Schema}.schema_version"));
    }

    [PostgresFact]
    public async Task An_old_server_is_refused()
    {
        var server = await SharedServer.GetAsync();
        // The server's answer at the begin of a connection, with another version of the same length.
        await using var proxy = new CuttingProxy(server.Port)
        {
            Replacement = ([.. "server_version\0"u8, .. System.Text.Encoding.ASCII.GetBytes($"{Major(server)}.")], [.. "server_version\0"u8, .. "13."u8]),
        };

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => Sessions(PostgresServer.ConnectTo(proxy.Port)).StartAsync(None).AsTask());

        Assert.Contains("has version 13.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Update the server to 14 or later", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_server_that_does_not_flush_is_logged()
    {
        var server = await SharedServer.GetAsync();
        var context = Context("postgres-sessions");

        await new PostgresSessions(Options(server.ConnectionString + ";Options=-c synchronous_commit=off"), context).StartAsync(None);

        Assert.Contains(context.Logs, l => l.Message.Contains("synchronous_commit = off", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("postgres://user:open-sesame@db/name", "This is a URI")]
    [InlineData("Host=db;Pasword=open-sesame", "not a connection string")]
    [InlineData("Host=db;Port=open-sesame", "not a connection string")]
    [InlineData("Password=open-sesame", "names no Host")]
    [InlineData("Host=db;Multiplexing=true;Password=open-sesame", "Multiplexing is not supported")]
    public void A_wrong_connection_string_is_refused_without_showing_it(string text, string expected)
    {
        var options = new PostgresOptions(new Secret(text));

        var error = Assert.Single(options.Validate(new ValidationContext(options)));

        Assert.Contains(expected, error.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", error.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_connection_string_sets_is_kept_and_the_rest_has_limits()
    {
        var settings = ConnectionSettings.Read(new Secret("Host=db;Maximum Pool Size=7;Command Timeout=99;No Reset On Close=false"));

        Assert.Equal((7, 99, false), (settings.MaxPoolSize, settings.CommandTimeout, settings.NoResetOnClose));
        Assert.Equal((5, 0, "pluginhost"), (settings.Timeout, settings.MaxAutoPrepare, settings.ApplicationName));
        Assert.Equal((20, 10, true), Defaults(ConnectionSettings.Read(new Secret("Host=db"))));

        static (int, int, bool) Defaults(NpgsqlConnectionStringBuilder s) => (s.MaxPoolSize, s.CommandTimeout, s.NoResetOnClose);
    }

    private static string As(PostgresServer server, string user) => $"Host=127.0.0.1;Port={server.Port};Database=postgres;Username={user};Password=p";

    private static int Major(PostgresServer server) => int.Parse((string)server.Query("SHOW server_version_num")!, System.Globalization.CultureInfo.InvariantCulture) / 10_000;

    private async Task<string> CreateUserAsync(PostgresServer server)
    {
        var user = $"u{Schema}";
        await server.ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD 'p'");
        return user;
    }
}
