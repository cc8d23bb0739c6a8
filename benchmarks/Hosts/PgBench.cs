using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>pgbench with the statements of a run that has two messages, each in one pipeline and one transaction. Each client has its own session.</summary>
internal sealed partial class PgBench : IDisposable
{
    // The documents are as long as those that the host has written.
    private const string Sessions = """
        INSERT INTO ~.sessions (tenant, session, version, created_at, updated_at, document, details, runs)
            SELECT 'pgbench', convert_to('s' || i, 'UTF8'), 1, 0, 0, DOCUMENT, '', 0 FROM generate_series(0, CLIENTS - 1) i;
        INSERT INTO ~.claims (tenant, session, host, fence) SELECT 'pgbench', convert_to('s' || i, 'UTF8'), 'pgbench', 1 FROM generate_series(0, CLIENTS - 1) i;
        """;

    private const string Script = """
        \set run random(1, 9000000000000000000)
        \startpipeline
        WITH c AS (SELECT 1 FROM ~.claims WHERE tenant = 'pgbench' AND session = convert_to('s' || :client_id, 'UTF8') AND host = 'pgbench' AND fence = 1 FOR SHARE)
            SELECT ~.refuse('moved') WHERE NOT EXISTS (SELECT 1 FROM c);
        WITH s AS (
            UPDATE ~.sessions SET version = version + 1, updated_at = :run, document = SESSION, details = coalesce(NULL::bytea, details), runs = runs + 1
            WHERE tenant = 'pgbench' AND session = convert_to('s' || :client_id, 'UTF8') AND version > 0 RETURNING 1)
            SELECT ~.refuse('conflict') WHERE NOT EXISTS (SELECT 1 FROM s);
        INSERT INTO ~.runs AS r (run, session, tenant, position, place, open, status, idempotency_key, created_at, trouble, document)
            SELECT int8send(:run), s.id, 'pgbench', s.runs - 1, s.runs - 1, false, 2, NULL, s.version, false, RUN
            FROM ~.sessions s WHERE s.tenant = 'pgbench' AND s.session = convert_to('s' || :client_id, 'UTF8')
            ON CONFLICT (run, session) DO UPDATE SET document = excluded.document;
        WITH h AS (
            INSERT INTO ~.histories (tenant, session, source, next) VALUES ('pgbench', convert_to('s' || :client_id, 'UTF8'), 'history', 2)
            ON CONFLICT (tenant, session, source) DO UPDATE SET next = histories.next + 2 RETURNING id, next - 2 AS first),
        a AS (
            INSERT INTO ~.appends (history, run, attempt, step, outcome, first, last)
            SELECT h.id, int8send(:run), 1, 0, 0, h.first, h.first + 1 FROM h
            WHERE NOT EXISTS (SELECT 1 FROM ~.appends later WHERE later.history = h.id AND later.run = int8send(:run) AND later.attempt > 1)
            ON CONFLICT DO NOTHING RETURNING history, first)
        INSERT INTO ~.messages (history, position, message, outcome, document)
            SELECT a.history, a.first + m.number - 1, m.id, 0, m.document
            FROM a, unnest(ARRAY[int8send(:run) || 'a'::bytea, int8send(:run) || 'b'::bytea], ARRAY[MESSAGE, MESSAGE]) WITH ORDINALITY AS m(id, document, number);
        \endpipeline
        """;

    private readonly string _file = Path.GetTempFileName();
    private readonly HostsOptions _options;

    private PgBench(HostsOptions options) => _options = options;

    /// <param name="group">Has stored runs in the schema.</param>
    /// <param name="options">How to connect.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<PgBench> CreateAsync(HostGroup group, HostsOptions options, CancellationToken cancellationToken)
    {
        var session = await DocumentAsync("sessions");
        await group.ExecuteAsync(
            Sessions.Replace("DOCUMENT", session, StringComparison.Ordinal)
                .Replace("CLIENTS", DatabaseMeasurement.Connections.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("~", group.Schema, StringComparison.Ordinal),
            cancellationToken);
        var pgbench = new PgBench(options);
        await File.WriteAllTextAsync(
            pgbench._file,
            Script.Replace("SESSION", session, StringComparison.Ordinal).Replace("RUN", await DocumentAsync("runs"), StringComparison.Ordinal)
                .Replace("MESSAGE", await DocumentAsync("messages"), StringComparison.Ordinal).Replace("~", group.Schema, StringComparison.Ordinal),
            cancellationToken);
        return pgbench;

        async Task<string> DocumentAsync(string table) =>
            $"'{new string('x', (int)await group.QueryAsync<double>($"SELECT avg(length(document))::float8 FROM {group.Schema}.{table}", cancellationToken))}'::bytea";
    }

    /// <returns>Transactions per second.</returns>
    public async Task<double> RunAsync(int seconds, CancellationToken cancellationToken)
    {
        var database = _options.Database;
        var clients = DatabaseMeasurement.Connections.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(
            "pgbench",
            [
                "-n", "-M", "prepared", "-c", clients, "-j", "2", "-T", seconds.ToString(CultureInfo.InvariantCulture), "-f", _file, "-h", database.Host!,
                "-p", database.Port.ToString(CultureInfo.InvariantCulture), "-U", database.Username!, database.Database!,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = database.Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var report = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var match = Rate().Match(report);
        if (process.ExitCode != 0 || !match.Success) throw new InvalidOperationException($"pgbench: {await errors}{report}");
        return double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    public void Dispose() => File.Delete(_file);

    [GeneratedRegex("tps = ([0-9.]+)")]
    private static partial Regex Rate();
}
