namespace PluginHost.Analyzers.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Each_mistake_of_a_registration_is_found_where_it_is_made()
    {
        const string source = """
            [assembly: Plugin("good", typeof(Good))]
            [assembly: Plugin("good", typeof(Good))] // PH0001
            [assembly: Plugin("Not good", typeof(Good))] // PH0001
            [assembly: Plugin("abstract", typeof(Abstract))] // PH0001
            [assembly: Plugin("unconstructed", typeof(Unconstructed))] // PH0001
            [assembly: Plugin("kindless", typeof(Kindless))] // PH0001
            [assembly: Plugin("hidden", typeof(Hidden))] // PH0001
            [assembly: Plugin("deaf", typeof(Deaf), Options = typeof(DeafOptions))] // PH0001
            [assembly: Plugin("listening", typeof(Listening), Options = typeof(DeafOptions))]
            [assembly: Plugin("short", typeof(Deaf))]

            public class Good(PluginContext context) : IContextProvider
            {
                public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
                    new(new ContextContribution { Instructions = $"{context}" });
            }

            public abstract class Abstract(PluginContext context) : Good(context);

            public sealed class Unconstructed(string options, PluginContext context) : Good(context)
            {
                public string Options { get; } = options;
            }

            internal sealed class Hidden(PluginContext context) : Good(context);

            public sealed record DeafOptions(int Volume = 1);

            public sealed class Deaf() : Good(null!);

            public sealed class Listening(DeafOptions options, PluginContext context) : Good(context)
            {
                public int Volume { get; } = options.Volume;
            }

            public sealed class Kindless(PluginContext context)
            {
                public override string ToString() => $"{context}";
            }
            """;
        await Analysis.ExpectMarkedAsync(source);
        var messages = (await Analysis.AnalyzeAsync(source)).Select(d => d.GetMessage(null)).ToList();

        Assert.Collection(
            messages,
            m => Assert.Equal("Plugin 'good': The name is registered twice.", m),
            m => Assert.Contains("1 to 64 lower case letters", m, StringComparison.Ordinal),
            m => Assert.Contains("neither abstract nor generic", m, StringComparison.Ordinal),
            m => Assert.Contains("Allowed: () or (PluginContext context).", m, StringComparison.Ordinal),
            m => Assert.Contains("implements no plugin interface", m, StringComparison.Ordinal),
            m => Assert.Contains("Hidden is not public", m, StringComparison.Ordinal),
            m => Assert.Contains("Allowed: (DeafOptions options) or (DeafOptions options, PluginContext context).", m, StringComparison.Ordinal));
    }
}
