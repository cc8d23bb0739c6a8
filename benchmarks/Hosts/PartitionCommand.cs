using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>
/// The command <c>partitions</c>. It simulates tenants that are spread over several databases by their names, as docs/decisions/0063-partitions.md designs it: how even
/// the load is, and how many tenants move when a database is added.
/// </summary>
internal static class PartitionCommand
{
    private static readonly int[] Databases = [2, 3, 4, 8, 16];

    public static Command Create()
    {
        var tenants = IntegerOption.Create("--tenants", 1000, 1, "The number of tenants.");
        var command = new Command("partitions", "Simulate tenants that are spread over several databases.") { tenants };
        command.SetAction(parsed => Write(parsed.GetValue(tenants), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static void Write(int tenants, TextWriter output)
    {
        string[] names = [.. Enumerable.Range(0, tenants).Select(i => $"tenant-{i}")];
        // The second form: a tenant's load falls with its rank, so that the first of 1 000 has an eighth of all.
        double[] even = [.. names.Select(_ => 1d)], uneven = [.. names.Select((_, i) => 1d / (i + 1))];
        output.WriteLine($"| databases for {tenants} tenants | load of the fullest, of the mean: equal tenants | tenants by rank | tenants that move to one more database | with a remainder instead |");
        output.WriteLine("|--:|--:|--:|--:|--:|");
        foreach (var count in Databases)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {count} | {Fullest(names, even, count):0.00} | {Fullest(names, uneven, count):0.00} | {Moved(names, count, Choose):0.0 %} | {Moved(names, count, ChooseByRemainder):0.0 %} |"));
        }
    }

    private static double Fullest(string[] names, double[] loads, int databases)
    {
        var sums = new double[databases];
        for (var i = 0; i < names.Length; i++) sums[Choose(names[i], databases)] += loads[i];
        return sums.Max() / sums.Average();
    }

    private static double Moved(string[] names, int databases, Func<string, int, int> choose) =>
        names.Count(n => choose(n, databases) != choose(n, databases + 1)) / (double)names.Length;

    /// <summary>The database with the greatest hash of tenant and database: rendezvous hashing (Thaler and Ravishankar, 1998).</summary>
    private static int Choose(string tenant, int databases) => Enumerable.Range(0, databases).MaxBy(d => Hash($"{tenant}\0database-{d}"));

    private static int ChooseByRemainder(string tenant, int databases) => (int)(Hash(tenant) % (ulong)databases);

    private static ulong Hash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
