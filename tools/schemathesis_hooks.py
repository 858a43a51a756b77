"""What Schemathesis has to be told: a zip file goes out as the bytes that it is."""

import schemathesis

schemathesis.serializer.alias(["application/zip", "application/vnd.ims.imsccv1p3"], "application/octet-stream")
