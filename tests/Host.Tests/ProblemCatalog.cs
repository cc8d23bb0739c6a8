using System.Reflection;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Errors;

namespace PluginHost.Tests;

/// <summary>The rows of the catalogs of refusals, for tests that go through all of them.</summary>
internal static class ProblemCatalog
{
    /// <summary>All that the native API answers with.</summary>
    public static IReadOnlyList<ProblemType> Native { get; } = [.. Rows(typeof(ProblemTypes)), .. Rows(typeof(HttpProblemTypes))];

    public static IReadOnlyList<ProblemType> OpenAI { get; } = [.. Rows(typeof(OpenAIProblemTypes))];

    extension(ProblemException refused)
    {
        /// <summary>The status that the native API answers with.</summary>
        public int Status => ProblemStatuses.Find(refused.Problem)!.Value;
    }

    public static ProblemType Find(string slug) => Native.Concat(OpenAI).Single(t => t.Slug == slug);

    private static IEnumerable<ProblemType> Rows(Type catalog) =>
        catalog.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (ProblemType)f.GetValue(null)!);
}
