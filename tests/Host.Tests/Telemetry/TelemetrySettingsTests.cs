using PluginHost.Telemetry;
using PluginHost.Telemetry.Export;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class TelemetrySettingsTests
{
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317", "Otlp Otlp Otlp")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://localhost:4317", "Otlp None None")]
    [InlineData("OTEL_METRICS_EXPORTER=otlp", "None Otlp None")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317;OTEL_LOGS_EXPORTER=none", "Otlp Otlp None")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp,console", "Otlp, Console None None")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317;OTEL_SDK_DISABLED=true", "None None None")]
    [InlineData("", "None None None")]
    public void The_standard_variables_decide_what_is_exported(string variables, string expected)
    {
        var errors = new List<string>();

        var settings = TelemetrySettings.Read(Configure(variables), hasApiKeys: false, errors);

        Assert.Equal(expected, $"{settings.Traces} {settings.Metrics} {settings.Logs}");
        Assert.Empty(errors);
    }

    [Fact]
    public void All_wrong_variables_are_reported_together_with_what_is_allowed()
    {
        var errors = HostTelemetry.Validate(Configure(
            "OTEL_TRACES_EXPORTER=zipkin;OTEL_EXPORTER_OTLP_PROTOCOL=http/json;OTEL_EXPORTER_OTLP_ENDPOINT=localhost;OTEL_TRACES_SAMPLER=some;OTEL_TRACES_SAMPLER_ARG=2"));

        Assert.Equal(5, errors.Count);
        Assert.Contains("OTEL_TRACES_EXPORTER: unknown value 'zipkin'. Allowed: none, otlp, console, or several separated by commas.", errors);
        Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL: invalid value 'http/json'. Allowed: grpc, http/protobuf.", errors);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION=zip", "gzip, none")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=10s", "a whole number from 1")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=secret", "name=value")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE=0", "a whole number from 1")]
    [InlineData("OTEL_BSP_MAX_EXPORT_BATCH_SIZE=4096", "OTEL_BSP_MAX_QUEUE_SIZE, which is 2048")]
    [InlineData("OTEL_BLRP_SCHEDULE_DELAY=-1", "a whole number from 1")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL=minute", "a whole number from 1")]
    [InlineData("OTEL_METRICS_EXEMPLAR_FILTER=all", "always_on, always_off, trace_based")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=sum", "cumulative, delta, lowmemory")]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=yes", "in_memory, disk")]
    [InlineData("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=many", "a whole number from 0")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=team", "name=value")]
    [InlineData("OTEL_SDK_DISABLED=1", "true, false")]
    [InlineData("OTEL_LOG_LEVEL=error,warn", "none, error, warn")]
    [InlineData("OTEL_DOTNET_SELF_DIAGNOSTICS_SINKS=file,printer", "several separated by commas")]
    [InlineData("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=span_only", "true, false")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE=/no/such/file", "a file that exists")]
    public void Each_variable_is_checked(string variable, string allowed)
    {
        var error = Assert.Single(HostTelemetry.Validate(Configure(variable)));

        Assert.StartsWith(variable.Split('=')[0] + ": ", error, StringComparison.Ordinal);
        Assert.Contains(allowed, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_variable_that_has_wrong_values_refuses_one()
    {
        string[] free =
        [
            "OTEL_SERVICE_NAME", "OTEL_DOTNET_EXPERIMENTAL_OTLP_DISK_RETRY_DIRECTORY_PATH", "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS",
            "OTEL_DOTNET_SELF_DIAGNOSTICS_LOG_DIRECTORY",
        ];

        Assert.All(OtelVariable.All.Select(v => v.Name).Except(free), name =>
            Assert.StartsWith(name + ": ", Assert.Single(HostTelemetry.Validate(Configure(name + "=?"))), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_variable_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TelemetryHost.StartAsync([("OTEL_LOGS_EXPORTER", "file")]));

        Assert.Contains("OTEL_LOGS_EXPORTER", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "pluginhost")]
    [InlineData("OTEL_SERVICE_NAME=mine", "mine")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=service.name=ours", "ours")]
    public async Task The_environment_names_the_service(string variable, string expected)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync([.. TelemetryHost.HttpTo(receiver), .. Split(variable)]);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        var resource = receiver.Received.Spans[0].Resource;
        Assert.Equal(expected, resource["service.name"]);
        Assert.NotNull(resource["service.version"]);
        Assert.NotNull(resource["service.instance.id"]);
    }

    [Fact]
    public async Task A_signal_may_have_a_separate_endpoint_and_protocol()
    {
        await using var traces = await OtlpReceiver.StartAsync();
        await using var rest = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(
            rest,
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces.GrpcEndpoint),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"));

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.NotEmpty(traces.Received.Spans);
        Assert.Empty(traces.Received.Points);
        Assert.Empty(rest.Received.Spans);
        Assert.NotEmpty(rest.Received.Points);
    }

    private static IConfiguration Configure(string variables) =>
        new ConfigurationBuilder().AddInMemoryCollection(Split(variables).ToDictionary(v => v.Name, v => (string?)v.Value)).Build();

    private static IEnumerable<(string Name, string Value)> Split(string variables) =>
        variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).Select(v => (v[0], v[1]));
}
