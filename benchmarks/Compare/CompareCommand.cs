using System.CommandLine;
using System.Diagnostics;

namespace PluginHost.Benchmarks.Compare;

/// <summary>The command <c>compare</c>. It compares the host with a peer in every row of <see cref="CompareRows"/>, and writes a page and a picture of the results.</summary>
internal static class CompareCommand
{
    private const string PageName = "results.md", PictureName = "results.svg";

    public static Command Create()
    {
        var host = new Option<FileInfo>("--host") { Description = "The host's pluginhost.dll.", DefaultValueFactory = _ => new("src/Host/bin/Release/net10.0/pluginhost.dll") };
        host.AcceptExistingOnly();
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder for the page and the picture.", DefaultValueFactory = _ => new("benchmarks/results") };
        var only = new Option<string>("--only") { Description = $"Measure one row: {string.Join(", ", CompareRows.All.Select(r => r.Name))}." };
        only.AcceptOnlyFromAmong([.. CompareRows.All.Select(r => r.Name)]);
        var seconds = IntegerOption.Create("--seconds", 3, 1, "The duration of a turn in seconds.");
        var rounds = IntegerOption.Create("--rounds", 7, 1, "The number of turns of each contestant.");
        var warmUp = IntegerOption.Create("--warm-up", 15, 1, "The duration of each contestant's turns before, in seconds.");
        var streams = IntegerOption.Create("--streams", 1_000, 2, "The number of paced streams.");
        var quick = new Option<bool>("--quick") { Description = "Check in about two minutes that everything works. Turns are too short for results." };
        var command = new Command("compare", "Compare the host with its peers in all rows, and write a page and a picture. Exits with 1 if a row could not be measured.")
        {
            host, output, only, seconds, rounds, warmUp, streams, quick,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new CompareOptions(
                parsed.GetValue(host)!.FullName, parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(warmUp), parsed.GetValue(streams));
            var rows = CompareRows.All.Where(r => parsed.GetValue(only) is not { } name || r.Name == name).ToList();
            return await RunAsync(rows, parsed.GetValue(quick) ? options.Shorten() : options, parsed.GetValue(output)!.FullName, parsed.InvocationConfiguration, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        List<CompareRow> rows, CompareOptions options, string folder, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var results = new List<Comparison>();
        var failures = new Dictionary<string, string>();
        for (var i = 0; i < rows.Count; i++)
        {
            var clock = Stopwatch.StartNew();
            await console.Error.WriteAsync($"row {i + 1} of {rows.Count}: {rows[i].Name} ");
            try
            {
                results.AddRange(await rows[i].MeasureAsync(options, cancellationToken));
                await console.Error.WriteLineAsync($"({clock.Elapsed.TotalSeconds:0} s)");
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One row that fails must not cost the results of the others.
                failures[rows[i].Name] = e.Message;
                await console.Error.WriteLineAsync($"could not be measured: {e}");
            }

            // After each row, so that a run that is stopped leaves what it has measured.
            await WriteAsync(results, failures, options, folder, cancellationToken);
        }

        await console.Output.WriteLineAsync(Path.Combine(folder, PageName));
        return failures.Count == 0 ? 0 : 1;
    }

    private static async Task WriteAsync(
        List<Comparison> results, Dictionary<string, string> failures, CompareOptions options, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var page = ResultsPage.Write(results, failures, options, DateTimeOffset.Now, PictureName);
        await File.WriteAllTextAsync(Path.Combine(folder, PageName), page, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, PictureName), ResultsPicture.Draw(results), cancellationToken);
    }
}
