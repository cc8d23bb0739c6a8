using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Writes the page of results as Markdown.</summary>
internal static class ResultsPage
{
    /// <param name="results">The lines.</param>
    /// <param name="failures">The rows that could not be measured, with the reason.</param>
    /// <param name="options">The lengths of the comparison.</param>
    /// <param name="now">The date.</param>
    /// <param name="picture">The file of the picture.</param>
    public static string Write(IReadOnlyList<Comparison> results, IReadOnlyDictionary<string, string> failures, CompareOptions options, DateTimeOffset now, string picture)
    {
        var page = new StringBuilder();
        var judged = results.Where(r => r.Target is not null).ToList();
        page.Append(CultureInfo.InvariantCulture, $"# The host and its peers\n\n{now:yyyy-MM-dd}, {Environment.ProcessorCount} cores ({RuntimeInformation.OSArchitecture}), ")
            .Append(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}. ")
            .Append(CultureInfo.InvariantCulture, $"The host is {(Precompiled.Is(options.HostAssembly) ? "precompiled" : "compiled just in time")}, the peers are ")
            .Append(Precompiled.Is(typeof(ResultsPage).Assembly.Location) ? "precompiled.\n" : "compiled just in time.\n")
            .Append(CultureInfo.InvariantCulture, $"Made by `compare`: {options.Rounds} turns for each contestant, one after the other. A turn of load lasts {options.Seconds} s, and the {options.WarmUp} s before the first are not counted; starts, pages, deletions and backups last as long as they take. ")
            .Append("Callers and servers share the cores. Medians, with the lowest and the highest of all turns.\n\n")
            .Append(CultureInfo.InvariantCulture, $"{judged.Count(r => r.PartReached >= 1)} of {judged.Count} targets are met.\n\n")
            .Append(CultureInfo.InvariantCulture, $"![For each target, the part that was reached]({picture})\n\n")
            .Append("| work | measure | host | peer | of the peer | ratio, median (low – high) | target | met |\n|---|---|--:|---|--:|--:|--:|---|\n");
        foreach (var r in results)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {r.Work} | {r.Measure} | {Spread.Of(r.Host)} | {r.Peer} | {OtherText(r)} | {r.Ratio} | {r.Target} | {MetText(r)} |\n");
        }

        if (failures.Count > 0) page.Append("\nNot measured:\n\n");
        foreach (var (row, reason) in failures) page.Append(CultureInfo.InvariantCulture, $"- `{row}`: {reason.ReplaceLineEndings(" ")}\n");
        return page.ToString();
    }

    private static string OtherText(Comparison result) => result.Other.Count == 0 ? "" : Spread.Format(Spread.Of(result.Other).Median);

    private static string MetText(Comparison result) => result.PartReached switch { null => "", >= 1 => "yes", _ => "no" };
}
